import { BatchWriteCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { dynamoDbFallbackStore } from './dynamodb-fallback-store.ts';
import {
  fresh,
  makeStore,
  many,
  message,
  tableName,
  throttled,
  type Sent,
} from './scripted-store.fixture.ts';

const refusing = (times: number) => {
  let left = times;
  return () => {
    if (left-- > 0) throw throttled();
    return {};
  };
};

const claim = { message: message('m-1'), token: 'token', attempt: 1 };

/** Ten items that are due, and what becomes of the attempt to take each. */
function tenDue(take: (id: string, time: number) => void) {
  const times = new Map<string, number>();
  return (command: Sent) => {
    if (command instanceof QueryCommand)
      return { Items: many(10).map(({ id }) => ({ id: `account-1 ${id}`, dueAtMs: 1 })) };
    if (!(command instanceof UpdateCommand)) return {};
    const id = command.input.Key?.['id'] as string;
    times.set(id, (times.get(id) ?? 0) + 1);
    take(id, times.get(id)!);
    return { Attributes: { id, body: '{}', storedAtMs: 1, error: 'down', attempts: 1 } };
  };
}

describe('what DynamoDB has no capacity for', () => {
  it.each([
    ['one', many(1)],
    ['several', fresh(2)],
  ])('is written again, %s, after a pause that doubles', async (_, messages) => {
    const { store, clock, sent } = makeStore(refusing(2));

    const saving = store.save(messages);
    await clock.advance(24);
    expect(sent).toHaveLength(1);
    await clock.advance(1 + 49);
    expect(sent).toHaveLength(2);
    await clock.advance(1);
    await saving;

    expect(sent).toHaveLength(3);
  });

  it.each([
    ['found', (store) => store.claim({ limit: 1, leaseMs: 1_000 })],
    ['counted', (store) => store.counts()],
    ['settled', (store) => store.markReplayed(claim)],
    ['marked as failed', (store) => store.markFailed(claim, { error: 'no', retryAfterMs: 1 })],
    ['given up', (store) => store.markFailed(claim, { error: 'no', dead: true })],
  ] satisfies [string, (store: ReturnType<typeof makeStore>['store']) => Promise<unknown>][])(
    'is %s again',
    async (_, call) => {
      const { store, clock, sent } = makeStore(refusing(1), { shards: 1 });

      const calling = call(store);
      await clock.advance(1_000);
      await calling;

      expect(sent.length).toBeGreaterThan(1);
    },
  );

  it('is given up when the three seconds of the call are over, and says what to do', async () => {
    const { store, clock, sent } = makeStore(refusing(100));

    const saving = store.save(many(1)).catch((error: unknown) => error);
    await clock.advance(4_000);

    expect(await saving).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: "expected DynamoDB to store a message, found ThrottlingException: raise the table's capacity",
    });
    expect(sent).toHaveLength(33);
  });

  it.each(['TransactionConflictException', 'ReplicatedWriteConflictException'])(
    'is told from what another request was in the way of, which is repeated too: %s',
    async (name) => {
      const { store, clock, sent } = makeStore(() => {
        throw Object.assign(new Error('no'), { name });
      });

      const settling = store.markReplayed(claim).catch((error: unknown) => error);
      await clock.advance(4_000);

      expect(await settling).toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: `expected DynamoDB to remember a message, found ${name}: repeat it, for others were changing the message`,
      });
      expect(sent).toHaveLength(33);
    },
  );

  it('keeps no message waiting when only the time was asked for', async () => {
    const clock = fakeClock();
    const sent: Sent[] = [];
    const send = async (command: Sent) => {
      sent.push(command);
      if (command instanceof QueryCommand) throw throttled();
      return {};
    };
    const store = dynamoDbFallbackStore({ client: { send }, tableName, clock });

    await store.save(many(1));

    expect(sent.map(({ constructor }) => constructor)).toEqual([QueryCommand, PutCommand]);
  });

  it('of a batch is written after a pause, under a condition each', async () => {
    const { store, clock, sent } = makeStore((command) => {
      if (!(command instanceof BatchWriteCommand)) return {};
      const requests = command.input.RequestItems?.[tableName] ?? [];
      return { UnprocessedItems: { [tableName]: requests.slice(1) } };
    });

    const saving = store.save(fresh(3));
    await clock.advance(24);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    await saving;

    expect(sent.slice(1).map(({ input }) => input)).toMatchObject([
      { Item: { id: 'account-1 m-1', body: '{}' }, ConditionExpression: 'attribute_not_exists(id)' },
      { Item: { id: 'account-1 m-0', body: '{}' }, ConditionExpression: 'attribute_not_exists(id)' },
    ]);
  });
});

describe('a claim', () => {
  const idsOf = (claims: readonly { readonly message: { readonly id: string } }[]) =>
    claims.map(({ message: { id } }) => id);

  it('takes what there was no capacity for at first', async () => {
    const { store, clock } = makeStore(
      tenDue((id, time) => {
        if (Number(id.at(-1)) % 2 === 0 && time === 1) throw throttled();
      }),
      { shards: 1 },
    );

    const claiming = store.claim({ limit: 10, leaseMs: 1_000 });
    await clock.advance(100);

    expect(idsOf(await claiming)).toEqual(idsOf(many(10).map((one) => ({ message: one }))));
  });

  it('gives what it has taken, whatever keeps it from the rest', async () => {
    for (const failure of [throttled(), Object.assign(new Error('reset'), { name: 'TimeoutError' })]) {
      const { store, clock } = makeStore(
        tenDue((id) => {
          if (id.endsWith('3')) throw failure;
        }),
        { shards: 1 },
      );

      const claiming = store.claim({ limit: 10, leaseMs: 1_000 });
      await clock.advance(4_000);

      expect(idsOf(await claiming)).toEqual(['m-0', 'm-1', 'm-2', 'm-4', 'm-5', 'm-6', 'm-7', 'm-8', 'm-9']);
    }
  });

  it('takes what some partitions of the index give when others do not answer', async () => {
    const found = tenDue(() => {});
    const { store, clock } = makeStore(
      (command) => {
        if (command.input.ExpressionAttributeValues?.[':shard'] === 'pending#1') throw throttled();
        return found(command);
      },
      { shards: 2 },
    );

    const claiming = store.claim({ limit: 10, leaseMs: 1_000 });
    await clock.advance(4_000);

    expect(await claiming).toHaveLength(10);
  });

  it('that got nothing says why', async () => {
    const { store } = makeStore(
      tenDue(() => {
        throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
      }),
      { shards: 1 },
    );
    await expect(store.claim({ limit: 10, leaseMs: 1_000 })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
  });
});
