import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { openTestRedis, startRedis } from '@huntaze/testkit';
import { afterEach } from 'vitest';
import { slidingWindow, type Limit } from '../limits/limit.ts';
import type { Claim, Limiter } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { RedisLimiterOptions } from './redis-options.ts';
import type { IoredisClient as RedisClient } from './clients/ioredis.ts';

export const WINDOW_MS = 300;
export const LIMIT = 100;

export const question = { limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })], marginMs: 0 };

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** A server of the test's own, and the clock that it is told the time by. */
export async function open(configuration: Record<string, string> = {}) {
  const server = await startRedis({ configuration });
  closings.unshift(() => server.stop());
  const { redis, close } = await openTestRedis(server.url);
  closings.unshift(close);
  return { server, redis, serverClock: fakeClock() };
}

let asked = 0;

/** Asks for a whole limit's worth of new messages. */
export async function claim(
  limiter: Limiter,
  key: string,
  limits: readonly Limit[] = question.limits,
): Promise<Claim[]> {
  const candidates = Array.from({ length: LIMIT }, () => ({
    id: `m-${asked++}`,
    priority: 'medium' as const,
  }));
  const admissions = await limiter.admit({ ...question, limits, key, leaseMs: WINDOW_MS, candidates });
  return admissions.flatMap((admission) => (admission.kind === 'granted' ? [admission.claim] : []));
}

/** Asks for a whole limit's worth of new messages, and counts how many are granted. */
export const spendOf = async (limiter: Limiter, key: string, limits?: readonly Limit[]): Promise<number> =>
  (await claim(limiter, key, limits)).length;

export interface SpendOptions extends Partial<RedisLimiterOptions> {
  readonly serverClock: FakeClock;
  readonly key?: string;
  readonly limits?: readonly Limit[];
}

/** The same, of a limiter that nobody asked before. */
export const spend = (
  redis: RedisClient,
  { key = 'account-1', limits, ...options }: SpendOptions,
): Promise<number> => spendOf(redisLimiter({ redis, prefix: 'app', ...options }), key, limits);

/** Makes the limiter warm: one window has passed since it was first asked, about another account. */
export async function warmUp(redis: RedisClient, options: SpendOptions): Promise<void> {
  await spend(redis, { ...options, key: 'account-2' });
  await options.serverClock.advance(WINDOW_MS);
}
