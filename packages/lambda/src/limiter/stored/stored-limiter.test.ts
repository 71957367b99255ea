import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import { describeLimiterContract } from '../../testing/limiter/limiter-contract.ts';
import { describeMemory } from '../../testing/limiter/memory.ts';
import { medium, onePerSecond } from '../../testing/limiter/scene.ts';
import { mapStore } from './map-store.fixture.ts';
import { storedLimiter } from './stored-limiter.ts';

const options = { coldStart: 'full', clockSkewMs: 0 } as const;

describeLimiterContract('stored', {
  make: (clock, upstream) =>
    storedLimiter({ ...options, store: mapStore(), clock, ...(upstream !== undefined && { upstream }) }),
});
describeMemory('stored', (clock, rememberMs) =>
  storedLimiter({ ...options, store: mapStore(), clock, rememberMs }),
);

it('a question whose store never answers costs itself, and no later question of its key', async () => {
  const clock = fakeClock();
  const store = mapStore();
  let silent = true;
  const read: typeof store.read = (...asked) => (silent ? new Promise(() => {}) : store.read(...asked));
  const limiter = storedLimiter({ ...options, store: { ...store, read }, clock });
  const question = { key: 'account-1', limits: onePerSecond, marginMs: 0, leaseMs: 1_000 };
  const unanswered = limiter.admit({ ...question, candidates: [medium('first')] });
  const complaint = expect(unanswered).rejects.toMatchObject({ name: 'LimiterUnavailableError' });
  await clock.advance(2_000);
  await complaint;
  silent = false;
  await expect(limiter.admit({ ...question, candidates: [medium('second')] })).resolves.toMatchObject([
    { kind: 'granted' },
  ]);
});

it('a decision that comes when nobody waits for it any more is given back', async () => {
  const clock = fakeClock();
  const store = mapStore();
  let isSlow = true;
  const write: typeof store.write = async (...change) => {
    if (isSlow) await clock.sleep(3_000);
    return await store.write(...change);
  };
  const limiter = storedLimiter({ ...options, store: { ...store, write }, clock });
  const question = { key: 'account-1', limits: onePerSecond, marginMs: 0, leaseMs: 60_000 };
  const late = limiter.admit({ ...question, candidates: [medium('late')] });
  const complaint = expect(late).rejects.toMatchObject({ name: 'LimiterUnavailableError' });
  await clock.advance(2_000);
  await complaint;
  isSlow = false;
  await clock.advance(1_000);
  await expect(limiter.admit({ ...question, candidates: [medium('late')] })).resolves.toMatchObject([
    { kind: 'granted', claim: { attempt: 1 } },
  ]);
});
