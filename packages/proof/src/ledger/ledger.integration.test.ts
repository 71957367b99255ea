import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { memoryLimiter, redisLimiter, type Limiter } from '@huntaze/rate-limiter-lambda';
import { redisForTests } from '@huntaze/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { histories, type History } from './histories.ts';
import { exceededWindows } from './ledger.ts';
import { playHistory } from './play.ts';

const RUNS = process.env['DEEP'] ? 5_000 : 200;

const { redis, prefix } = await redisForTests();
let opened = 0;

type Clock = ReturnType<typeof fakeClock>;

describe.each<[string, (history: History, clock: Clock) => Limiter]>([
  [
    'Redis',
    ({ rememberMs }, clock) =>
      redisLimiter({
        redis,
        prefix: `${prefix}${opened++}`,
        upstream: 'upstream',
        clock,
        serverClock: clock,
        coldStart: 'full',
        rememberMs,
      }),
  ],
  [
    'memory',
    ({ rememberMs }, clock) => memoryLimiter({ upstream: 'upstream', clock, coldStart: 'full', rememberMs }),
  ],
])('a ledger of the calls, with the limiter in %s', (_, open) => {
  it('shows every promise kept, whoever asks under whatever limits', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const clock = fakeClock();
        const { calls, broken, finish } = await playHistory(history, open(history, clock), clock);
        expect(broken).toEqual([]);
        expect(exceededWindows(calls)).toEqual([]);
        expect(finish.tookMs).toBeLessThanOrEqual(finish.mostMs);
      }),
      { numRuns: RUNS, endOnFailure: false },
    );
  });
});
