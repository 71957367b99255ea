import { BatchWriteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { fresh, makeStore, message, tableName } from './scripted-store.fixture.ts';

describe('messages whose ids were made for them', () => {
  it('are stored together without a look, what the host named under a condition each', async () => {
    const { store, sent, written } = makeStore(() => ({}));
    await store.save([message('own'), ...fresh(3)]);
    expect(written()).toEqual([['account-1 m-2', 'account-1 m-1', 'account-1 m-0']]);
    expect(sent.filter((command) => command instanceof PutCommand).map(({ input }) => input)).toMatchObject([
      { Item: { id: 'account-1 own' }, ConditionExpression: 'attribute_not_exists(id)' },
    ]);
  });

  it('are stored under a condition when they are alone', async () => {
    const { store, sent } = makeStore(() => ({}));
    await store.save(fresh(1));
    expect(sent.map(({ input }) => input)).toMatchObject([
      { ConditionExpression: 'attribute_not_exists(id)' },
    ]);
  });
});

describe('a flood of messages', () => {
  it('is written 25 at a time, and to every partition of the index', async () => {
    const shards = new Map<unknown, number>();
    const { store, written } = makeStore((command) => {
      if (!(command instanceof BatchWriteCommand)) return {};
      for (const { PutRequest } of command.input.RequestItems?.[tableName] ?? []) {
        const shard: unknown = PutRequest?.Item?.['shard'];
        shards.set(shard, (shards.get(shard) ?? 0) + 1);
      }
      return {};
    });

    await store.save(fresh(1_600));

    expect(Math.max(...written().map(({ length }) => length))).toBe(25);
    expect(shards.size).toBe(16);
    // One hundred each on average. Chance moves that by ten; four times as much would be no chance.
    expect(Math.min(...shards.values())).toBeGreaterThan(60);
    expect(Math.max(...shards.values())).toBeLessThan(140);
  });

  it('is read from all partitions that the option names', async () => {
    const { store, sent } = makeStore(() => ({ Items: [] }), { shards: 3 });
    await store.claim({ limit: 10, leaseMs: 1_000 });
    const read = sent.map(({ input }) => input.ExpressionAttributeValues?.[':shard']);
    expect(read).toEqual(['pending#0', 'pending#1', 'pending#2']);
  });
});

describe('a message beyond 400 KB', () => {
  it('is refused by its id and size alone, once the others are stored', async () => {
    const { store, sent } = makeStore(() => ({}));
    const saving = store.save([message('m-1'), message('m-2', '€'.repeat(140_000))]);
    await expect(saving).rejects.toThrow(
      "expected a message within DynamoDB's 409600 bytes per item, found 420528 (id m-2): keep payloads smaller, for example by sending references, or use a store on SQL",
    );
    expect(sent.map(({ input }) => input)).toMatchObject([{ Item: { id: 'account-1 m-1' } }]);
  });
});

describe('an index that is behind', () => {
  it('makes a claim look again, a bounded number of times, while others take what it finds', async () => {
    let looks = 0;
    const taken = Object.assign(new Error('taken'), { name: 'ConditionalCheckFailedException' });
    const { store } = makeStore(
      (command) => {
        if (!(command instanceof QueryCommand)) throw taken;
        looks++;
        return { Items: [{ id: 'account-1 m-1', shard: 'pending#0', dueAtMs: 1 }] };
      },
      { shards: 1 },
    );
    expect(await store.claim({ limit: 10, leaseMs: 1_000 })).toEqual([]);
    expect(looks).toBe(20);
  });
});

describe('an error of DynamoDB', () => {
  it('is named, kept as the cause, and tells where to look', async () => {
    const cause = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    const { store } = makeStore(() => {
      throw cause;
    });
    await expect(store.counts()).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      cause,
      message:
        "expected DynamoDB to count messages, found AccessDeniedException: check the table's name and region, and the role's permissions",
    });
  });
});

describe('a document client that wraps numbers', () => {
  const wrappings = {
    'as bigint': (digits: string) => BigInt(digits),
    'as the SDK’s own type': (digits: string) => ({ value: digits, toString: () => digits }),
    'as text': (digits: string) => digits,
  };

  it.each(Object.entries(wrappings))('%s gives the same claims', async (_, wrap) => {
    const { store } = makeStore(
      (command) => {
        const due = ['9', '10'].map((digits) => ({ id: `account-1 m-${digits}`, dueAtMs: wrap(digits) }));
        if (command instanceof QueryCommand) return { Items: due };
        const id = command.input.Key?.id;
        return { Attributes: { id, body: '{}', storedAtMs: wrap('5'), error: '', attempts: wrap('2') } };
      },
      { shards: 1 },
    );

    expect(await store.claim({ limit: 10, leaseMs: 1_000 })).toMatchObject(
      ['m-9', 'm-10'].map((id) => ({ attempt: 2, message: { id, storedAtMs: 5, error: '' } })),
    );
  });
});
