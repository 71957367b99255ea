import { RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { lambdaContext, listing, record, sqsEvent } from '../src/testing/records.ts';

const fails = (error: unknown) => async () => {
  throw error;
};

describe('an upstream that asks for silence', () => {
  it('has its whole key held, which is not an attempt', async () => {
    const clock = fakeClock();
    const { handler, calls, sqs, limiter } = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      deliver: async (_, { attempt }) => {
        if (clock.monotonicMs() === 0) throw new RetryAfterError({ retryAfterMs: 90_000 });
        expect(attempt).toBe(1);
      },
    });

    const first = await handler(sqsEvent(record({ messageId: 'a' })));
    const newcomer = await handler(sqsEvent(record({ messageId: 'b' })));
    const other = handler(sqsEvent(record({ messageId: 'c', message: { key: 'account-2' } })));
    await clock.advance(90_000);
    const later = await handler(sqsEvent(record({ messageId: 'a', receives: 2 })), lambdaContext(clock));

    expect([first, newcomer]).toEqual([listing('a'), listing('b')]);
    expect(sqs.parked).toMatchObject([
      { messageId: 'a', visibilitySeconds: 89 },
      { messageId: 'b', visibilitySeconds: 89 },
      { messageId: 'c' },
    ]);
    expect(await other).toEqual(listing('c'));
    expect(later).toEqual(listing());
    expect(calls.map(({ id, attempt }) => [id, attempt])).toEqual([
      ['a', 1],
      ['c', 1],
      ['a', 1],
    ]);
    expect(limiter.asked).toEqual([]);
  });

  it.each([
    ['in the past', -5, 0, 1],
    ['absurdly long', Number.MAX_VALUE, 39_600_000, 39_599],
    ['a fraction', 1_000.2, 1_001, 1],
  ])('is obeyed within reason when its wish is %s', async (_, retryAfterMs, holdMs, visibilitySeconds) => {
    const { handler, limiter, sqs } = makeHandler({ deliver: fails(new RetryAfterError({ retryAfterMs })) });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));

    expect(limiter.settlements).toEqual([{ id: 'm-1', token: 1, outcome: 'release', holdMs }]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds }]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'without a sane time (%s) is tried again with backoff',
    async (ms) => {
      const ofAnotherCopy = Object.assign(new Error('wait'), { code: 'RETRY_AFTER', retryAfterMs: ms });
      const { handler, limiter } = makeHandler({ deliver: fails(ofAnotherCopy) });

      await handler(sqsEvent(record()));

      expect(limiter.settlements).toMatchObject([{ outcome: 'retry', retryAfterMs: 500 }]);
    },
  );

  it('that is asked for wrongly says in the log what is wrong', async () => {
    const { handler, logs } = makeHandler({
      deliver: async () => {
        throw new RetryAfterError({ retryAfter: 5_000 } as never);
      },
    });

    await handler(sqsEvent(record()));

    expect(logs[0]).toMatchObject({
      fields: {
        error: 'ConfigurationError',
        problem:
          'RetryAfterError: expected { retryAfterMs } with a finite number of milliseconds, found undefined',
      },
      message: 'a delivery failed and is tried again',
    });
  });
});
