import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import { memoryLimiter } from '../memory/memory-limiter.ts';
import { slidingWindow } from '../limits/limit.ts';
import { handlerLimiter } from '../../handler-limiter/handler-limiter.ts';

const LIMITS = [slidingWindow({ limit: 1_000, windowMs: 20_000 })];
const LEASE_MS = 60_000;
const STEP_MS = 100;

/** Asks every tenth of a second for three minutes. @returns when the shared limiter, which hangs, was asked by a process alone. */
async function askedWhenAlone(timeoutMs: number): Promise<readonly number[]> {
  const clock = fakeClock();
  const asked: number[] = [];
  let isAlone = false;
  const shared = {
    ...memoryLimiter({ clock }),
    admit() {
      if (isAlone) asked.push(clock.monotonicMs());
      return new Promise<never>(() => {});
    },
  };
  const bounds = { clock, timeoutMs, metrics: { record() {} } };
  const limiter = handlerLimiter(shared, { localShare: 0.5 }, bounds);
  for (let count = 0; count < 180_000 / STEP_MS; count++) {
    const candidates = [{ id: `m-${count}`, priority: 'medium' as const }];
    const request = {
      key: 'account-1',
      queue: 'eu-west-1/123456789012/queue',
      limits: LIMITS,
      marginMs: 0,
      leaseMs: LEASE_MS,
      candidates,
    };
    limiter.admit(request, () => (isAlone = true)).catch(() => {});
    await clock.advance(STEP_MS);
  }
  return asked;
}

it.each([
  ['five seconds after it last did', 2_000, 5_000],
  ['five seconds after it last did, where a question takes almost as long', 4_000, 5_000],
  ['a second after the last question is over, where that takes longer', 5_000, 6_000],
])('asks a shared limiter that hangs again %s', async (_, timeoutMs, everyMs) => {
  const asked = await askedWhenAlone(timeoutMs);
  const gaps = asked.slice(1).map((atMs, index) => atMs - asked[index]!);
  expect(gaps.length).toBeGreaterThan(10);
  expect(new Set(gaps)).toEqual(new Set([everyMs]));
});
