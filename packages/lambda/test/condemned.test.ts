import { PermanentError, RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { FIFO_QUEUE_ARN, listing, record, sqsEvent, type RecordOverrides } from '../src/testing/records.ts';
import { scriptedLimiter, takenOver, throttled } from '../src/testing/scripted-limiter.ts';

const fails = (error: unknown) => async () => {
  throw error;
};
type Overrides = Parameters<typeof makeHandler>[0];

/** Two workers with one limiter, whose dead-letter queue is away until it is told to be back. */
function withoutDeadLetters(overrides: Overrides = {}) {
  const clock = fakeClock();
  const limiter = memoryLimiter({ clock });
  const state = { away: true };
  const make = () =>
    makeHandler({
      clock,
      limiter,
      sqsFaults: {
        bury() {
          if (state.away) throw new Error('no such queue');
        },
      },
      ...overrides,
    });
  return { clock, limiter, state, workers: [make(), make()] as const };
}

describe.each<[string, RecordOverrides]>([
  ['a standard queue', {}],
  ['a FIFO queue', { eventSourceARN: FIFO_QUEUE_ARN, group: 'account-1' }],
])('a message of %s whose dead letter cannot be sent', (_, where) => {
  it('is not delivered again: another worker only sends the letter, with its reason and its attempts', async () => {
    const { clock, limiter, state, workers } = withoutDeadLetters({
      deliver: fails(new PermanentError('no such account')),
    });
    for (let receives = 1; receives <= 6; receives++) {
      const { handler } = workers[receives % 2]!;
      expect(await handler(sqsEvent(record({ receives, ...where })))).toEqual(listing('m-1'));
      await clock.advance(30_000);
    }
    expect(await limiter.inspect('account-1')).toMatchObject({ waiting: 0, delivering: 0 });
    state.away = false;

    const [worker, other] = workers;
    expect(await worker.handler(sqsEvent(record({ receives: 7, ...where })))).toEqual(listing());

    expect([...worker.calls, ...other.calls]).toHaveLength(1);
    expect(worker.sqs.deadLetters.map(({ attributes }) => attributes)).toMatchObject([
      { reason: 'no such account', errorName: 'PermanentError', attempts: '1', messageId: 'm-1' },
    ]);
    expect(other.sqs.parked).toContainEqual({ messageId: 'm-1', visibilitySeconds: 30 });
    // A copy that comes back later is a duplicate.
    expect(await other.handler(sqsEvent(record({ receives: 8, ...where })))).toEqual(listing());
    expect(other.sqs.deadLetters).toEqual([]);
  });
});

it.each<[string, Overrides, object]>([
  [
    'after its last attempt',
    { maxAttempts: 1, deliver: fails(new TypeError('bad gateway')) },
    { reason: 'attempts-exhausted', errorName: 'TypeError', attempts: 1 },
  ],
  [
    'whose last attempt was lost',
    { admissions: [takenOver(6)] },
    { reason: 'attempts-exhausted', errorName: 'unknown', attempts: 5 },
  ],
  [
    'that may have been delivered',
    { delivery: 'at-most-once', admissions: [takenOver(3)] },
    { reason: 'uncertain', errorName: 'unknown', attempts: 2 },
  ],
  [
    'that the upstream put off too often',
    { admissions: [throttled(100)] },
    { reason: 'throttled', errorName: 'RetryAfterError', attempts: 0 },
  ],
])('a message %s is condemned while its dead letter cannot be sent', async (_, overrides, verdict) => {
  const { limiter, handler } = makeHandler({
    ...overrides,
    sqsFaults: {
      bury() {
        throw new Error('no such queue');
      },
    },
  });

  expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));

  expect(limiter.settlements).toEqual([{ id: 'm-1', token: 1, outcome: 'condemned', verdict }]);
});

it('a reason is cut to what a limiter keeps', async () => {
  const { limiter, handler } = makeHandler({
    deliver: fails(new PermanentError('x'.repeat(100_000))),
    sqsFaults: {
      bury() {
        throw new Error('no such queue');
      },
    },
  });
  await handler(sqsEvent(record()));

  expect(limiter.settlements).toMatchObject([{ verdict: { reason: 'x'.repeat(1_000) } }]);
});

describe('a message that the upstream puts off for ever', () => {
  it('becomes a dead letter after maxThrottles calls, none of which is an attempt', async () => {
    const clock = fakeClock();
    const made = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      maxThrottles: 3,
      deliver: fails(new RetryAfterError({ retryAfterMs: 90_000 })),
    });
    for (let receives = 1; receives <= 3; receives++) {
      expect(await made.handler(sqsEvent(record({ receives })))).toEqual(listing('m-1'));
      await clock.advance(90_000);
    }

    expect(await made.handler(sqsEvent(record({ receives: 4 })))).toEqual(listing());

    expect(made.calls.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    expect(made.sqs.deadLetters.map(({ attributes }) => attributes)).toMatchObject([
      { reason: 'throttled', errorName: 'RetryAfterError', attempts: '0' },
    ]);
  });

  it('is put off a hundred times by default', async () => {
    const last = makeHandler({ admissions: [throttled(99)] });
    await last.handler(sqsEvent(record()));
    expect(last.calls).toHaveLength(1);
    const over = makeHandler({ admissions: [throttled(100)] });
    await over.handler(sqsEvent(record()));
    expect(over.calls).toEqual([]);
  });

  it('is delivered as ever by a limiter that does not count', async () => {
    const clock = fakeClock();
    const limiter = scriptedLimiter({ nowMs: clock.nowMs });
    const made = makeHandler({
      clock,
      limiter: {
        ...limiter,
        admit: async (request) =>
          (await limiter.admit(request)).map((one) => {
            if (one.kind !== 'granted') return one;
            const { throttles: _, ...claim } = one.claim;
            return { kind: 'granted', claim };
          }),
      },
    });
    expect(await made.handler(sqsEvent(record()))).toEqual(listing());
    expect(made.calls).toHaveLength(1);
  });
});
