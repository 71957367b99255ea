import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import type { Limiter } from './limiter/limiter.ts';
import { makeHandler } from './testing/make-handler.ts';
import { lambdaContext, listing, record, records, sqsEvent } from './testing/records.ts';
import { busy, granted, wait } from './testing/scripted-limiter.ts';

const down = () => new LimiterUnavailableError('expected Redis to answer admit, found: no answer');

describe('a waiter', () => {
  it('is parked until its place comes up and listed as failed', async () => {
    const { handler, sqs, calls } = makeHandler({
      inlineHoldMs: 0,
      admissions: (nowMs) => [wait(nowMs + 61_000)],
    });

    const response = await handler(sqsEvent(record({ messageId: 'm-1' })));

    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 61 }]);
    expect(response).toEqual(listing('m-1'));
    expect(calls).toEqual([]);
  });

  it('wakes early by the lead, so that the handler can hold it to the exact instant', async () => {
    const { handler, sqs } = makeHandler({ admissions: (nowMs) => [wait(nowMs + 61_200)] });

    await handler(sqsEvent(record()));

    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 60 }]);
  });

  it('that is due within the hold is delivered at its exact instant', async () => {
    const { handler, clock, calls, limiter, sqs } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 1_537), granted()],
    });
    const startMs = clock.nowMs();

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(1_536);
    expect(limiter.asked).toHaveLength(1);
    await clock.advance(1);

    expect(await response).toEqual(listing());
    expect(calls).toMatchObject([{ atMs: startMs + 1_537 }]);
    expect(sqs.parkCalls).toEqual([]);
  });

  it('that was held in vain is parked', async () => {
    const { handler, clock, sqs } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 2_000), wait(nowMs + 12_200)],
    });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(2_000);

    expect(await response).toEqual(listing('m-1'));
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 9 }]);
  });

  it('is held no longer than the hold, and no longer than the function has time', async () => {
    const waits = (nowMs: number) => [wait(nowMs + 1_500)];
    const short = makeHandler({ admissions: waits, inlineHoldMs: 1_499 });
    const late = makeHandler({ admissions: waits });

    expect(await short.handler(sqsEvent(record()), lambdaContext(short.clock))).toEqual(listing('m-1'));
    expect(await late.handler(sqsEvent(record()), lambdaContext(late.clock, 1_999))).toEqual(listing('m-1'));

    expect(short.sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
    expect(late.sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
  });

  it('is held only while there is time for a usual delivery after it', async () => {
    const clock = fakeClock();
    const { handler, sqs, calls } = makeHandler({
      clock,
      marginMs: 400,
      admissions: (nowMs) => [wait(nowMs + 800)],
    });

    // 1,000 ms are left for work, of which the last 400 are for deliveries.
    expect(await handler(sqsEvent(...records(1)), lambdaContext(clock, 1_500))).toEqual(listing('m-1'));
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
    expect(calls).toEqual([]);
  });

  it('is held as long as it takes, however the wall clock is set meanwhile', async () => {
    const { handler, clock, calls } = makeHandler({ admissions: (nowMs) => [wait(nowMs + 1_000)] });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(500);
    clock.step(-3_600_000);
    await clock.advance(500);

    expect(calls).toHaveLength(1);
    expect(await response).toEqual(listing());
  });

  it('that is told to ask again at once asks when time has moved on, not in a loop that stops the process', async () => {
    const stubborn = Array.from({ length: 50 }, () => wait(0));
    const { handler, clock, limiter } = makeHandler({ admissions: stubborn });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(1);
    expect(limiter.asked).toHaveLength(2);
    await clock.advance(49);

    expect(await response).toEqual(listing());
  });

  it('does not keep its neighbours from being delivered meanwhile', async () => {
    const { handler, clock, calls } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 1_000), granted(), granted()],
    });

    const response = handler(sqsEvent(...records(2)), lambdaContext(clock));
    await clock.advance(0);
    expect(calls.map(({ id }) => id)).toEqual(['m-2']);
    await clock.advance(1_000);

    expect(await response).toEqual(listing());
    expect(calls.map(({ id }) => id)).toEqual(['m-2', 'm-1']);
  });
});

describe('parking', () => {
  it('hides up to ten waiters per call', async () => {
    const { handler, sqs } = makeHandler({
      concurrency: 12,
      admissions: (nowMs) => Array.from({ length: 12 }, () => wait(nowMs + 30_200)),
    });

    const response = await handler(sqsEvent(...records(12)));

    expect(sqs.parkCalls.map(({ entries }) => entries)).toEqual([10, 2]);
    expect(new Set(sqs.parked.map(({ visibilitySeconds }) => visibilitySeconds))).toEqual(new Set([29]));
    expect(response.batchItemFailures).toHaveLength(12);
  });

  it('that is refused in part leaves the messages listed, and says so', async () => {
    const { handler, sqs, logs } = makeHandler({
      admissions: (nowMs) => [busy(nowMs + 30_000), busy(nowMs + 30_000)],
      sqsFaults: { park: () => ['m-1'] },
    });

    expect(await handler(sqsEvent(...records(2)))).toEqual(listing('m-1', 'm-2'));
    expect(sqs.parked).toEqual([{ messageId: 'm-2', visibilitySeconds: 30 }]);
    expect(logs).toContainEqual({
      level: 'warn',
      fields: { failed: 1, codes: ['MessageNotInflight'] },
      message: 'messages could not be parked',
    });
  });

  it.each([
    ['an error', Object.assign(new Error('slow down'), { name: 'RequestThrottled' }), 'RequestThrottled'],
    ['no error at all', undefined, 'unknown'],
  ])('that fails altogether with %s leaves the messages listed, and says so', async (_, thrown, error) => {
    const { handler, logs } = makeHandler({
      admissions: (nowMs) => [busy(nowMs + 30_000)],
      sqsFaults: {
        park: () => {
          throw thrown;
        },
      },
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(logs).toContainEqual({
      level: 'warn',
      fields: { failed: 1, error },
      message: 'messages could not be parked',
    });
  });
});

describe('concurrency', () => {
  it('is never exceeded, and only as many ask as can start', async () => {
    const clock = fakeClock();
    let running = 0;
    let most = 0;
    const { handler, limiter } = makeHandler({
      clock,
      concurrency: 2,
      deliver: async ({ id }) => {
        most = Math.max(most, ++running);
        await clock.sleep(id === 'm-1' ? 300 : 100);
        running--;
      },
    });

    const response = handler(sqsEvent(...records(6)), lambdaContext(clock));
    await clock.advance(400);

    expect(await response).toEqual(listing());
    expect(most).toBe(2);
    expect(limiter.asked.map(({ candidates }) => candidates.length)).toEqual([2, 1, 1, 1, 1]);
  });

  it('goes to the urgent messages first', async () => {
    const { handler, calls } = makeHandler({ concurrency: 1 });

    await handler(
      sqsEvent(
        record({ messageId: 'm-1', message: { id: 'low', priority: 'low' } }),
        record({ messageId: 'm-2', message: { id: 'medium', priority: 'medium' } }),
        record({ messageId: 'm-3', message: { id: 'high', priority: 'high' } }),
      ),
    );

    expect(calls.map(({ id }) => id)).toEqual(['high', 'medium', 'low']);
  });

  it('gives slots that waiters do not need to the next messages at once', async () => {
    const { handler, calls } = makeHandler({
      concurrency: 2,
      admissions: (nowMs) => [wait(nowMs + 60_000), wait(nowMs + 60_000)],
    });

    expect(await handler(sqsEvent(...records(4)))).toEqual(listing('m-1', 'm-2'));
    expect(calls.map(({ id }) => id)).toEqual(['m-3', 'm-4']);
  });

  it('gives back the messages for which there was no time, without asking for them', async () => {
    const clock = fakeClock();
    const { handler, limiter, calls, sqs } = makeHandler({
      clock,
      concurrency: 1,
      deliver: () => clock.sleep(400),
    });

    const response = handler(sqsEvent(...records(4)), lambdaContext(clock, 1_300));
    await clock.advance(800);

    expect(await response).toEqual(listing('m-3', 'm-4'));
    expect(calls.map(({ id }) => id)).toEqual(['m-1', 'm-2']);
    expect(limiter.asked).toHaveLength(2);
    expect(sqs.parked).toEqual([
      { messageId: 'm-3', visibilitySeconds: 1 },
      { messageId: 'm-4', visibilitySeconds: 1 },
    ]);
  });
});

describe('without a limiter', () => {
  it('everything is parked and listed, and nothing delivered', async () => {
    const { handler, sqs, calls } = makeHandler({ admissions: [down()] });

    const response = await handler(sqsEvent(...records(2)));

    expect(response).toEqual(listing('m-1', 'm-2'));
    expect(calls).toEqual([]);
    expect(sqs.parked).toEqual([
      { messageId: 'm-1', visibilitySeconds: 4 },
      { messageId: 'm-2', visibilitySeconds: 4 },
    ]);
  });

  it('messages stay away longer with each receive, up to five minutes', async () => {
    const { handler, sqs } = makeHandler({ admissions: [down()], random: { next: () => 0 } });
    const receives = [1, 2, 3, 6, 7, 1_000];

    await handler(sqsEvent(...receives.map((count) => record({ messageId: `r-${count}`, receives: count }))));

    expect(sqs.parked.map(({ visibilitySeconds }) => visibilitySeconds)).toEqual([5, 10, 20, 160, 300, 300]);
  });

  it('says so in one log line per batch, whatever the number of keys and questions', async () => {
    const { handler, logs } = makeHandler({
      concurrency: 2,
      limiter: { ...silent, admit: () => Promise.reject(down()) },
    });
    const keys = ['A', 'B', 'C', 'D', 'E'];

    await handler(sqsEvent(...keys.map((key) => record({ messageId: key, message: { key } }))));

    expect(logs.filter(({ level }) => level === 'error')).toEqual([
      {
        level: 'error',
        fields: { messages: 5, error: down().message },
        message: 'the limiter is unavailable: messages are parked',
      },
    ]);
  });

  it('keys that it still answers for are served', async () => {
    const { handler, calls } = makeHandler({ admissions: [down(), granted()] });
    const of = (messageId: string, key: string) => record({ messageId, message: { key } });

    expect(await handler(sqsEvent(of('a', 'A'), of('b', 'B')))).toEqual(listing('a'));
    expect(calls.map(({ id }) => id)).toEqual(['b']);
  });

  it.each([undefined, 'text', new TypeError('not an outage')])(
    'nothing depends on what it throws: %s',
    async (thrown) => {
      const { handler } = makeHandler({ limiter: { ...silent, admit: () => Promise.reject(thrown) } });

      expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    },
  );
});

const silent: Limiter = { admit: async () => [], settle: async () => [], renew: async () => [] };

it('does not start a delivery without the time that one usually takes', async () => {
  const clock = fakeClock();
  const { limiter } = makeHandler({ clock });
  const slow: Limiter = {
    ...limiter,
    admit: async (request) => {
      await clock.sleep(1_601);
      return limiter.admit(request);
    },
  };
  const { handler, calls } = makeHandler({ clock, limiter: slow, marginMs: 400 });

  const response = handler(sqsEvent(...records(1)), lambdaContext(clock, 2_500));
  await clock.advance(1_601);

  expect(await response).toEqual(listing('m-1'));
  expect(calls).toEqual([]);
  expect(limiter.settlements).toMatchObject([{ id: 'm-1', outcome: 'release' }]);
});

it('starts a delivery in a short invocation too', async () => {
  const clock = fakeClock();
  const { handler, calls } = makeHandler({ clock, marginMs: 400 });

  expect(await handler(sqsEvent(...records(1)), lambdaContext(clock, 800))).toEqual(listing());
  expect(calls).toHaveLength(1);
});

it('spends a slow limiter answer from the time to deliver', async () => {
  const clock = fakeClock();
  let abortedAtMs = 0;
  const { limiter } = makeHandler({ clock });
  const slow: Limiter = {
    ...limiter,
    admit: async (request) => {
      await clock.sleep(600);
      return limiter.admit(request);
    },
    renew: () => Promise.reject(down()),
  };
  const { handler } = makeHandler({
    clock,
    limiter: slow,
    leaseMs: 1_000,
    deliver: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          abortedAtMs = clock.monotonicMs();
          reject(new Error('aborted'));
        });
      }),
  });

  const response = handler(sqsEvent(record()), lambdaContext(clock));
  await clock.advance(1_000);

  expect(await response).toEqual(listing('m-1'));
  expect(abortedAtMs).toBe(1_000);
});
