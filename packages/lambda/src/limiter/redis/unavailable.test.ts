import { isLimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { perMinute } from '../limits/limit.ts';
import type { Limiter } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { RedisClient } from './clients/clients.ts';

const key = 'account-1';
const common = { key, limits: perMinute(10), marginMs: 0 };
const admit = (limiter: Limiter) =>
  limiter.admit({ ...common, leaseMs: 60_000, candidates: [{ id: 'm-1', priority: 'medium' }] });
const settle = (limiter: Limiter) =>
  limiter.settle({ ...common, settlements: [{ id: 'm-1', token: 1, outcome: 'delivered' }] });

const never = () => new Promise<never>(() => {});
const silent: RedisClient = { evalsha: never, eval: never };
const answering = (answer: () => Promise<unknown>): RedisClient => ({ evalsha: answer, eval: answer });
const refusing = (message: string) => answering(() => Promise.reject(new Error(message)));

/** The error with which a call fails. */
async function failure(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isLimiterUnavailableError(error)) throw new Error('expected the limiter to be unavailable');
  return error;
}

describe('a Redis that never answers', () => {
  it.each([
    ['admit', admit],
    ['settle', settle],
  ])('makes %s give up after the timeout, not before', async (name, call) => {
    const clock = fakeClock();
    const limiter = redisLimiter({ redis: silent, clock, timeoutMs: 750 });
    let failed = false;

    const failing = failure(call(limiter).finally(() => (failed = true)));
    await clock.advance(749);
    expect(failed).toBe(false);
    await clock.advance(1);

    expect(await failing).toMatchObject({
      message: `expected Redis to answer ${name}, found: no answer within 750 ms`,
      retryable: true,
    });
    expect(clock.sleeping).toBe(0);
  });

  it('is waited for two seconds by default', async () => {
    const clock = fakeClock();
    const failing = failure(admit(redisLimiter({ redis: silent, clock })));

    await clock.advance(2_000);

    expect((await failing).message).toContain('no answer within 2000 ms');
  });

  it('or only after being taught the script, is not waited for twice', async () => {
    const clock = fakeClock();
    const forgetful: RedisClient = {
      evalsha: () => clock.sleep(600).then(() => Promise.reject(new Error('NOSCRIPT No matching script'))),
      eval: never,
    };
    const failing = failure(admit(redisLimiter({ redis: forgetful, clock, timeoutMs: 1_000 })));

    await clock.advance(1_000);

    expect((await failing).message).toContain('no answer within 1000 ms');
  });
});

describe('a Redis that refuses', () => {
  it.each([
    "READONLY You can't write against a read only replica.",
    'OOM command not allowed when used memory > maxmemory.',
    'LOADING Redis is loading the dataset in memory',
    'Connection is closed.',
  ])('is unavailable, with the cause: %s', async (message) => {
    const limiter = redisLimiter({ redis: refusing(message), clock: fakeClock() });

    for (const call of [admit, settle]) {
      const error = await failure(call(limiter));
      expect(error.message).toContain(message);
      expect(error.cause).toMatchObject({ message });
    }
  });

  it.each([undefined, 'text', Object.create(null)])(
    'is unavailable, whatever it throws: %o',
    async (thrown) => {
      const limiter = redisLimiter({ redis: answering(() => Promise.reject(thrown)), clock: fakeClock() });

      expect((await failure(admit(limiter))).message).toBe('expected Redis to answer admit, found: unknown');
    },
  );

  it('at once, by throwing instead of answering, is unavailable too', async () => {
    const limiter = redisLimiter({
      clock: fakeClock(),
      redis: answering(() => {
        throw new Error('not connected');
      }),
    });

    expect((await failure(admit(limiter))).message).toContain('not connected');
  });

  it('leaves no timer behind', async () => {
    const clock = fakeClock();
    await failure(admit(redisLimiter({ redis: refusing('no'), clock })));
    expect(clock.sleeping).toBe(0);
  });
});

describe('a Redis that has become a replica', () => {
  const demoted = (message: string) => {
    const left: unknown[] = [];
    const client = {
      ...refusing(message),
      disconnect: (...reconnect: unknown[]) => void left.push(...reconnect),
    };
    return { client, left };
  };

  it('is left for whatever its name leads to now, once a second at most', async () => {
    const clock = fakeClock();
    const { client, left } = demoted("READONLY You can't write against a read only replica.");
    const limiter = redisLimiter({ redis: client, clock });

    await Promise.all([failure(admit(limiter)), failure(settle(limiter))]);
    expect(left).toEqual([true]);
    await clock.advance(1_000);
    await failure(admit(limiter));
    expect(left).toEqual([true, true]);
  });

  it('is no other error, and no node of a cluster, whose client finds the new primary by itself', async () => {
    const loading = demoted('LOADING Redis is loading the dataset in memory');
    await failure(admit(redisLimiter({ redis: loading.client })));
    const node = demoted('READONLY');
    await failure(admit(redisLimiter({ redis: { ...node.client, isCluster: true } })));
    expect([...loading.left, ...node.left]).toEqual([]);
  });
});
