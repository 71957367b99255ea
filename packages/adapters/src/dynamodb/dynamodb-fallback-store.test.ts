import { BatchWriteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { dynamoDbFallbackStore, type DynamoDbFallbackStoreOptions } from './dynamodb-fallback-store.ts';

const tableName = 'messages';
const message = (id: string, body = '{}') => ({
  id,
  key: 'account-1',
  body,
  storedAtMs: 1_700_000_000_000,
  error: 'down',
});
const many = (count: number) => Array.from({ length: count }, (_, index) => message(`m-${index}`));
const fresh = (count: number) => many(count).map((one) => ({ ...one, fresh: true }));

interface Sent {
  readonly input: {
    readonly RequestItems?: Readonly<Record<string, unknown>>;
    readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>>;
  };
}

/** A store on a client that answers as it is told, and what it was sent. */
function makeStore(
  answer: (command: Sent) => unknown,
  overrides: Partial<DynamoDbFallbackStoreOptions> = {},
) {
  const clock = fakeClock();
  const sent: Sent[] = [];
  const client = {
    send: async (command: Sent) => {
      sent.push(command);
      return answer(command);
    },
  };
  const store = dynamoDbFallbackStore({
    client,
    tableName,
    clock,
    random: { next: () => 1 },
    ...overrides,
  });
  const written = () =>
    sent.flatMap((command) => {
      if (!(command instanceof BatchWriteCommand)) return [];
      const requests = command.input.RequestItems?.[tableName] ?? [];
      return [requests.map(({ PutRequest }) => String(PutRequest?.Item?.['id']))];
    });
  return { store, clock, sent, written };
}

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

  it('are under a condition once a request has left them', async () => {
    const { store, sent } = makeStore((command) => {
      if (!(command instanceof BatchWriteCommand)) return {};
      const requests = command.input.RequestItems?.[tableName] ?? [];
      return { UnprocessedItems: { [tableName]: requests.slice(1) } };
    });

    await store.save(fresh(3));

    expect(sent.slice(1).map(({ input }) => input)).toMatchObject([
      { Item: { id: 'account-1 m-1', body: '{}' }, ConditionExpression: 'attribute_not_exists(id)' },
      { Item: { id: 'account-1 m-0', body: '{}' }, ConditionExpression: 'attribute_not_exists(id)' },
    ]);
  });
});

describe('what DynamoDB has no capacity for', () => {
  const refusing = (times: number) => {
    let left = times;
    return () => {
      if (left-- > 0) throw Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
      return {};
    };
  };

  it.each([
    ['one', many(1)],
    ['several', fresh(2)],
  ])('is written again, %s, after a pause that doubles', async (_, messages) => {
    const { store, clock, sent } = makeStore(refusing(2));

    const saving = store.save(messages);
    await clock.advance(99);
    expect(sent).toHaveLength(1);
    await clock.advance(1 + 200);
    await saving;

    expect(sent).toHaveLength(3);
  });

  it('is given up after ten requests, and says what to do', async () => {
    const { store, clock, sent } = makeStore(refusing(100));

    const saving = store.save(many(1)).catch((error: unknown) => error);
    await clock.advance(60_000);

    expect(await saving).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: "expected DynamoDB to store a message, found ThrottlingException: raise the table's capacity",
    });
    expect(sent).toHaveLength(10);
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
