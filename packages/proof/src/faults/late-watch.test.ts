import { memoryLimiter, slidingWindow, type Limiter } from '@huntaze/rate-limiter-lambda';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchForLateness } from './late-watch.ts';

const LEASE_MS = 1_000;
const question = { key: 'account-1', limits: [slidingWindow({ limit: 9, windowMs: 500 })], marginMs: 0 };

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A message that is claimed, and what is told of it. */
async function claimed(limiter: Limiter = memoryLimiter()) {
  const told: string[] = [];
  const watch = watchForLateness(limiter, (id) => void told.push(id));
  const asked = { ...question, leaseMs: LEASE_MS, candidates: [{ id: 'm-1', priority: 'medium' as const }] };
  const [admission] = await watch.limiter.admit(asked);
  if (admission?.kind !== 'granted') throw new Error('expected a claim');
  const { id, token } = admission.claim;
  return {
    told,
    ended: watch.began(id),
    ask: () => watch.limiter.admit(asked),
    pass: (ms: number) => void vi.advanceTimersByTime(ms),
    renew: () => watch.limiter.renew({ key: 'account-1', claims: [{ id, token }], leaseMs: LEASE_MS }),
    settle: () => watch.limiter.settle({ ...question, settlements: [{ id, token, outcome: 'delivered' }] }),
  };
}

it('is silent about a delivery that ends and is recorded within its lease', async () => {
  const { told, ended, pass, settle } = await claimed();
  pass(LEASE_MS - 1);
  ended(false);
  await settle();
  expect(told).toEqual([]);
});

it('is silent about a lease that was renewed in time', async () => {
  const { told, ended, pass, renew, settle } = await claimed();
  pass(LEASE_MS / 2);
  await renew();
  pass(LEASE_MS - 1);
  ended(false);
  await settle();
  expect(told).toEqual([]);
});

it('is silent about a message that nobody settles: that is no lateness', async () => {
  const { told, ended, pass } = await claimed();
  ended(false);
  pass(10 * LEASE_MS);
  expect(told).toEqual([]);
});

it('tells of a call that ends after its lease', async () => {
  const { told, ended, pass } = await claimed();
  pass(LEASE_MS);
  ended(false);
  expect(told).toEqual(['m-1']);
});

it('tells of a call that was cut off', async () => {
  const { told, ended } = await claimed();
  ended(true);
  expect(told).toEqual(['m-1']);
});

it('tells of a record that is made after the lease, or of which nobody hears in time', async () => {
  const late = await claimed();
  late.pass(LEASE_MS);
  await late.settle();
  expect(late.told).toEqual(['m-1']);

  const memory = memoryLimiter();
  const unheard = await claimed({
    ...memory,
    settle: async () => {
      unheard.pass(LEASE_MS);
      throw new Error('no answer');
    },
  });
  await expect(unheard.settle()).rejects.toThrow('no answer');
  expect(unheard.told).toEqual(['m-1']);
});

it('tells of a call that goes on when its message is granted to the same process again', async () => {
  const { told, ended, pass, ask } = await claimed();
  pass(LEASE_MS);
  await ask();
  ended(false);
  expect(told).toEqual(['m-1']);
});
