import { BatchGetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { slidingWindow } from '@huntaze/rate-limiter-lambda';
import { describe, expect, it } from 'vitest';
import { dynamoDbLimiter, type DynamoDbLimiterOptions } from './dynamodb-limiter.ts';
import { fakeTable, throttled, type FakeTable, type Sent } from './fake-table.fixture.ts';

const question = {
  key: 'account-1',
  limits: [slidingWindow({ limit: 2, windowMs: 60_000 })],
  marginMs: 0,
};

function open(client: Pick<FakeTable, 'send'>, options: Partial<DynamoDbLimiterOptions> = {}) {
  const clock = options.clock ?? fakeClock();
  const limiter = dynamoDbLimiter({
    client,
    tableName: 'limiter',
    coldStart: 'full',
    clockSkewMs: 0,
    random: { next: () => 1 },
    clock,
    ...options,
  });
  const admit = (...ids: string[]) =>
    limiter.admit({
      ...question,
      leaseMs: 30_000,
      candidates: ids.map((id) => ({ id, priority: 'medium' })),
    });
  const deliver = async (id: string) => {
    const [admission] = await admit(id);
    if (admission?.kind !== 'granted') return admission?.kind;
    const { token } = admission.claim;
    await limiter.settle({ ...question, settlements: [{ id, token, outcome: 'delivered' }] });
    return 'delivered';
  };
  return { limiter, admit, deliver };
}

const isState = (command: Sent): command is PutCommand =>
  command instanceof PutCommand && String(command.input.Item?.['id']).startsWith('state#');
const isRecord = (command: Sent): command is PutCommand =>
  command instanceof PutCommand && String(command.input.Item?.['id']).startsWith('message#');

/** Does something the first time that a command is of a kind. */
function once(is: (command: Sent) => boolean, first: (carryOut: () => object) => unknown) {
  let done = false;
  return (command: Sent, carryOut: () => object) => {
    if (done || !is(command)) return carryOut();
    done = true;
    return first(carryOut);
  };
}

describe('two limiters on one table', () => {
  it('grant no more than the limit together: who loses a race decides again', async () => {
    const clock = fakeClock();
    const table = fakeTable(once(isState, async (carryOut) => (await other.admit('m-2', 'm-3'), carryOut())));
    const other = open(table, { clock });

    const asking = open(table, { clock }).admit('m-1', 'm-4');
    await clock.advance(1_000);

    expect((await asking).map(({ kind }) => kind)).toEqual(['wait', 'wait']);
  });

  it('give a message to one of them', async () => {
    const clock = fakeClock();
    const table = fakeTable(once(isState, async (carryOut) => (await other.admit('m-1'), carryOut())));
    const other = open(table, { clock });

    const asking = open(table, { clock }).admit('m-1');
    await clock.advance(1_000);

    expect((await asking).map(({ kind }) => kind)).not.toContain('granted');
  });

  it('forget no delivery when what one knew of the message before is written late', async () => {
    const clock = fakeClock();
    const late = Promise.withResolvers<void>();
    const isOfWaiter = (command: Sent) =>
      isRecord(command) && String(command.input.Item?.['id']).endsWith('m-3');
    const table = fakeTable(once(isOfWaiter, async (carryOut) => (await late.promise, carryOut())));
    const other = open(table, { clock });
    for (const id of ['m-1', 'm-2']) await other.deliver(id);

    const asking = open(table, { clock })
      .admit('m-3')
      .catch((error: unknown) => error);
    await clock.advance(60_000);
    expect(await asking).toMatchObject({ code: 'LIMITER_UNAVAILABLE' });
    expect(await other.deliver('m-3')).toBe('delivered');
    late.resolve();
    await clock.advance(1_000);

    expect((await other.admit('m-3')).map(({ kind }) => kind)).toEqual(['settled']);
  });
});

describe('a write whose reply is lost', () => {
  const lost = () => Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });

  it('stands when the client says so', async () => {
    const table = fakeTable(
      once(isState, (carryOut) => {
        carryOut();
        throw lost();
      }),
    );
    const { admit } = open(table);

    expect((await admit('m-1')).map(({ kind }) => kind)).toEqual(['granted']);
    expect((await admit('m-2', 'm-3')).map(({ kind }) => kind)).toEqual(['granted', 'wait']);
  });

  it('stands when the SDK has repeated it', async () => {
    const table = fakeTable(once(isState, (carryOut) => (carryOut(), carryOut())));
    const { admit } = open(table);

    expect((await admit('m-1')).map(({ kind }) => kind)).toEqual(['granted']);
  });

  it('of a record alone changes nothing that counts', async () => {
    const table = fakeTable(
      once(isState, () => {
        throw lost();
      }),
    );
    const { admit } = open(table);

    await expect(admit('m-1', 'm-2', 'm-3')).rejects.toMatchObject({ code: 'LIMITER_UNAVAILABLE' });
    expect([...table.items.keys()].filter((id) => id.startsWith('message#'))).toHaveLength(1);
    expect((await admit('m-1', 'm-2', 'm-3')).map(({ kind }) => kind)).toEqual([
      'granted',
      'granted',
      'wait',
    ]);
  });
});

describe('what DynamoDB has no capacity for', () => {
  it.each([
    ['read', (command: Sent) => !(command instanceof PutCommand)],
    ['written', (command: Sent) => command instanceof PutCommand],
  ])('is %s again', async (_, is) => {
    const clock = fakeClock();
    const table = fakeTable(
      once(is, () => {
        throw throttled();
      }),
    );

    const asking = open(table, { clock }).admit('m-1');
    await clock.advance(100);

    expect((await asking).map(({ kind }) => kind)).toEqual(['granted']);
  });

  it('of several messages is read again without the others', async () => {
    const clock = fakeClock();
    const asked: number[] = [];
    const table = fakeTable((command, carryOut) => {
      if (!(command instanceof BatchGetCommand)) return carryOut();
      const { Keys = [] } = command.input.RequestItems?.['limiter'] ?? {};
      asked.push(Keys.length);
      return { ...carryOut(), UnprocessedKeys: { limiter: { Keys: Keys.slice(2) } } };
    });

    const asking = open(table, { clock }).admit('m-1', 'm-2', 'm-3', 'm-4', 'm-5');
    await clock.advance(200);

    expect(await asking).toHaveLength(5);
    expect(asked).toEqual([5, 3, 1]);
  });

  it('is given up in time, and says what to do', async () => {
    const clock = fakeClock();
    const { admit } = open(
      fakeTable(() => {
        throw throttled();
      }),
      { clock },
    );

    const asking = admit('m-1').catch((error: unknown) => error);
    await clock.advance(2_000);

    expect(await asking).toMatchObject({
      code: 'LIMITER_UNAVAILABLE',
      message:
        "expected the limiter's store to answer admit, found: expected DynamoDB to read messages, found ProvisionedThroughputExceededException: raise the table's capacity",
    });
  });
});

describe('a table', () => {
  it('that is new counts as used up for one window, also for whoever comes later', async () => {
    const clock = fakeClock();
    const table = fakeTable();
    const kinds = async () =>
      (await open(table, { clock, coldStart: 'empty' }).admit('m-1')).map(({ kind }) => kind);

    expect(await kinds()).toEqual(['wait']);
    await clock.advance(60_000);
    expect(await kinds()).toEqual(['granted']);
    expect(table.items.get('began')).toEqual({ id: 'began', beganMs: clock.nowMs() - 60_000 });
  });

  it('keeps every item an hour longer than it is needed', async () => {
    const clock = fakeClock();
    const table = fakeTable();
    await open(table, { clock, rememberMs: 86_400_000 }).deliver('m-1');

    const { expiresAtSeconds } = table.items.get('message#account-1 m-1') ?? {};
    expect(expiresAtSeconds).toBe(clock.nowMs() / 1_000 + 86_400 + 3_600);
    expect(Number(table.items.get('state#account-1')?.['expiresAtSeconds'])).toBeGreaterThanOrEqual(
      clock.nowMs() / 1_000 + 60 + 3_600,
    );
  });
});
