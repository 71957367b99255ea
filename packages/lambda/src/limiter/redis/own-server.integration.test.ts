import { isLimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { openTestRedis, startRedis, until } from '@huntaze/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { perMinute } from '../limits/limit.ts';
import type { AdmitRequest } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';

const closings: (() => Promise<void>)[] = [];

/** A server of its own and a connection to it, both closed after the test. */
async function open(configuration: Record<string, string>) {
  const server = await startRedis({ configuration });
  closings.unshift(() => server.stop());
  const { redis, close } = await openTestRedis(server.url);
  closings.unshift(close);
  return redis;
}

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

const request = (key: string, ids: readonly string[]): AdmitRequest => ({
  key,
  limits: perMinute(10),
  marginMs: 400,
  leaseMs: 60_000,
  candidates: ids.map((id) => ({ id, priority: 'medium' })),
});

describe('a cluster', () => {
  it('finds all keys of an account in one slot, whatever its name and the ids are', async () => {
    const redis = await open({ 'cluster-enabled': 'yes' });
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await until('a cluster that serves', async () =>
      String(await redis.call('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    );
    const limiter = redisLimiter({ redis, prefix: 'app', coldStart: 'full', shards: 256 });
    const names = ['account-1', '{', '}', '{}', '}{', '{a}b', 'a{b}c', '%', '%7B', '%7D{'];
    const slots = new Map<string, number>();

    for (const key of names) {
      await redis.flushall();
      // Ten of the ids are claimed and one waits, so that every kind of key is written.
      const [first] = await limiter.admit(request(key, [...names, 'one more']));
      if (first?.kind !== 'granted') throw new Error('expected a claim');
      const { id, token } = first.claim;
      const settlements = [{ id, token, outcome: 'release' as const, holdMs: 1_000 }];
      expect(await limiter.settle({ ...request(key, []), settlements })).toEqual([true]);

      const written = await redis.keys('*');
      const found = await Promise.all(written.map((name) => redis.call('CLUSTER', 'KEYSLOT', name)));
      expect(
        written
          .map((name) =>
            name
              .split(':')
              .at(-1)!
              .replace(/even|odd/, 'page'),
          )
          .toSorted(),
      ).toEqual(['due', 'line', 'log', 'page', 'state']);
      expect(new Set(found).size, `slots of ${key}`).toBe(1);
      slots.set(key, Number(found[0]));
    }
    expect(new Set(slots.values()).size, 'slots of all').toBeGreaterThan(names.length / 2);
  });
});

describe('a server without memory to spare', () => {
  it('grants nothing, says so, and goes on when there is memory again', async () => {
    const redis = await open({ 'maxmemory-policy': 'noeviction' });
    const limiter = redisLimiter({ redis, prefix: 'app', coldStart: 'full' });
    await limiter.admit(request('account-1', ['before']));
    const before = await redis.keys('*');
    await redis.config('SET', 'maxmemory', '1');

    const error: unknown = await limiter
      .admit(request('account-1', ['during']))
      .catch((thrown: unknown) => thrown);

    expect(isLimiterUnavailableError(error)).toBe(true);
    expect(String(error)).toContain('OOM');
    expect((await redis.keys('*')).toSorted()).toEqual(before.toSorted());

    await redis.config('SET', 'maxmemory', '0');
    expect(await limiter.admit(request('account-1', ['during']))).toMatchObject([{ kind: 'granted' }]);
  });
});
