import { BatchGetCommand, BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
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

describe('what DynamoDB takes only a part of', () => {
  const halfTaken = () => {
    let left = 2;
    return ({ input }: Sent) => {
      const requests = (input.RequestItems?.[tableName] ?? []) as readonly unknown[];
      return left-- > 0 ? { UnprocessedItems: { [tableName]: requests.slice(0, 1) } } : {};
    };
  };

  it('is written again, the rest alone, after a pause that doubles', async () => {
    const half = halfTaken();
    const { store, clock, written } = makeStore((command) =>
      command instanceof BatchWriteCommand ? half(command) : {},
    );

    const saving = store.save(many(3));
    await clock.advance(99);
    expect(written()).toHaveLength(1);
    await clock.advance(1 + 200);
    await saving;

    expect(written().map(({ length }) => length)).toEqual([3, 1, 1]);
  });

  it('is looked for again', async () => {
    let looks = 0;
    const { store, clock, written } = makeStore((command) => {
      if (!(command instanceof BatchGetCommand)) return {};
      const Keys = [{ id: 'account-1 m-1' }];
      return looks++ === 0
        ? { Responses: { [tableName]: [] }, UnprocessedKeys: { [tableName]: { Keys } } }
        : { Responses: { [tableName]: Keys } };
    });

    const saving = store.save(many(2));
    await clock.advance(100);
    await saving;

    expect(written()).toEqual([['account-1 m-0']]);
  });

  it('is given up after ten requests, and says what to do', async () => {
    const { store, clock, written } = makeStore((command) =>
      command instanceof BatchWriteCommand ? { UnprocessedItems: command.input.RequestItems } : {},
    );

    const saving = store.save(many(3)).catch((error: unknown) => error);
    await clock.advance(60_000);

    expect(await saving).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message:
        "expected DynamoDB to store messages, found 3 still unprocessed after 10 requests: raise the table's capacity",
    });
    expect(written()).toHaveLength(10);
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

    await store.save(many(1_600));

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
