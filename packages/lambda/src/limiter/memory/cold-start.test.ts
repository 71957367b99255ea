import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import { slidingWindow } from '../limits/limit.ts';
import { memoryLimiter } from './memory-limiter.ts';

const WINDOW_MS = 60_000;

it('waits one window after a cold start, however far its clock is set back meanwhile', async () => {
  const clock = fakeClock();
  const limiter = memoryLimiter({ clock, coldStart: 'empty' });
  const ask = async (key: string) => {
    const limits = [slidingWindow({ limit: 10, windowMs: WINDOW_MS })];
    const candidates = [{ id: 'm-1', priority: 'medium' as const }];
    const [admission] = await limiter.admit({ key, limits, marginMs: 0, leaseMs: 30_000, candidates });
    return admission?.kind;
  };
  await ask('account-1');
  clock.step(-30 * 60_000);

  expect(await ask('account-2')).toBe('wait');
  await clock.advance(WINDOW_MS);
  expect(await ask('account-2')).toBe('granted');
});
