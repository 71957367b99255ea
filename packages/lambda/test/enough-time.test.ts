import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import type { Limiter } from '../src/limiter/limiter.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { lambdaContext, listing, record, records, sqsEvent } from '../src/testing/records.ts';

const down = () => new LimiterUnavailableError('expected Redis to answer admit, found: no answer');

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
  expect(limiter.settlements).toMatchObject([{ id: 'm-1', outcome: 'unused' }]);
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
