import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { memoryLimiter, type Limiter } from '@huntaze/rate-limiter-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histories } from './histories.ts';
import { exceededWindows } from './ledger.ts';
import { playHistory, type PlayedHistory } from './play.ts';

const RUNS = 200;

/** Limiters with one mistake each, and where the ledger has to show it. */
const mistakes: Readonly<
  Record<string, [(limiter: Limiter) => Limiter, (played: PlayedHistory) => boolean]>
> = {
  'lets one more through': [
    (limiter) => ({
      ...limiter,
      admit: (request) =>
        limiter.admit({
          ...request,
          limits: request.limits.map((one) => ('limit' in one ? { ...one, limit: one.limit + 1 } : one)),
        }),
    }),
    ({ calls }) => exceededWindows(calls).length > 0,
  ],
  'forgets what was delivered': [
    (limiter) => ({
      ...limiter,
      settle: (request) =>
        limiter.settle({
          ...request,
          settlements: request.settlements.map(({ id, token }) => ({
            id,
            token,
            outcome: 'retry',
            retryAfterMs: 0,
          })),
        }),
    }),
    ({ broken }) => broken.some((one) => one.endsWith('delivered again')),
  ],
  'tells who waits no time': [
    (limiter) => ({
      ...limiter,
      admit: async (request) =>
        (await limiter.admit(request)).map((one) => (one.kind === 'wait' ? { ...one, dueAtMs: 0 } : one)),
    }),
    ({ broken }) => broken.some((one) => one.includes('told to wait for now')),
  ],
  'lets a third through': [
    (limiter) => ({
      ...limiter,
      admit: (request) =>
        limiter.admit({
          ...request,
          limits: request.limits.map((one) =>
            'windowMs' in one ? { ...one, windowMs: 3 * one.windowMs } : one,
          ),
        }),
    }),
    ({ finish }) => finish.tookMs > finish.mostMs,
  ],
};

describe('the ledger', () => {
  it.each(Object.entries(mistakes))('shows that a limiter %s', async (_, [mistaken, shows]) => {
    const { failed } = await fc.check(
      fc.asyncProperty(histories, async (history) => {
        const clock = fakeClock();
        const { rememberMs } = history;
        const limiter = memoryLimiter({ upstream: 'upstream', clock, coldStart: 'full', rememberMs });
        expect(shows(await playHistory(history, mistaken(limiter), clock))).toBe(false);
      }),
      { numRuns: RUNS, endOnFailure: true, seed: 1 },
    );
    expect(failed).toBe(true);
  });
});
