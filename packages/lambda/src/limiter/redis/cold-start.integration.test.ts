import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { openTestRedis, startRedis, until } from '@huntaze/testkit';
import type { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { slidingWindow } from '../../limits/limit.ts';
import type { Claim, Limiter } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { RedisLimiterOptions } from './redis-options.ts';

const WINDOW_MS = 300;
const LIMIT = 100;

const closings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

async function open(configuration: Record<string, string> = {}) {
  const server = await startRedis({ configuration });
  closings.unshift(() => server.stop());
  return { server, redis: await connect(server.url) };
}

async function connect(url: string): Promise<Redis> {
  const { redis, close } = await openTestRedis(url);
  closings.unshift(close);
  return redis;
}

interface SpendOptions extends Partial<RedisLimiterOptions> {
  readonly key?: string;
}

const question = { limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })], marginMs: 0 };

/** Asks for a whole limit's worth of new messages. */
let asked = 0;
async function claim(limiter: Limiter, key: string): Promise<Claim[]> {
  const candidates = Array.from({ length: LIMIT }, () => ({
    id: `m-${asked++}`,
    priority: 'medium' as const,
  }));
  const admissions = await limiter.admit({ ...question, key, leaseMs: WINDOW_MS, candidates });
  return admissions.flatMap((admission) => (admission.kind === 'granted' ? [admission.claim] : []));
}

/** Asks for a whole limit's worth of new messages, and counts how many are granted. */
const spendOf = async (limiter: Limiter, key: string) => (await claim(limiter, key)).length;

async function spend(redis: Redis, { key = 'account-1', ...options }: SpendOptions = {}): Promise<number> {
  return await spendOf(redisLimiter({ redis, prefix: 'app', ...options }), key);
}

/** Makes the limiter warm: one window has passed since it was first asked, about another account. */
async function warmUp(redis: Redis): Promise<void> {
  await spend(redis, { key: 'account-2' });
  await new Promise((resolve) => {
    setTimeout(resolve, WINDOW_MS + 20);
  });
}

describe('a limiter that starts empty', () => {
  it('grants nothing for one window on a new server, then everything', async () => {
    const { redis } = await open();
    expect(await spend(redis, { key: 'account-3' })).toBe(0);
    await warmUp(redis);
    expect(await spend(redis)).toBe(LIMIT);
  });

  it('grants at once on a new server when it is told to', async () => {
    const { redis } = await open();
    expect(await spend(redis, { coldStart: 'full' })).toBe(LIMIT);
  });

  it('grants nothing more after a failover to a replica that missed what was spent', async () => {
    const primary = await open({ 'repl-diskless-sync-delay': '0' });
    const replica = await open();
    await replica.redis.replicaof('127.0.0.1', primary.server.port);
    await until('a replica in step', async () =>
      (await replica.redis.info('replication')).includes('master_link_status:up'),
    );
    await warmUp(primary.redis);
    await until(
      'the generation on the replica',
      async () => (await replica.redis.keys('*generation')).length === 1,
    );
    // From here on nothing reaches the replica any more, as when the primary dies before it can send.
    await replica.redis.replicaof('127.0.0.1', 1);

    const before = await spend(primary.redis);
    await replica.redis.replicaof('NO', 'ONE');
    const after = await spend(replica.redis);

    expect([before, after]).toEqual([LIMIT, 0]);
  });

  it('grants nothing for one window after everything was flushed', async () => {
    const { redis } = await open();
    await warmUp(redis);
    expect(await spend(redis)).toBe(LIMIT);
    await redis.flushall();
    expect(await spend(redis)).toBe(0);
  });

  it('waits no longer when the clock of the server is set back meanwhile', async () => {
    const { redis } = await open();
    const serverClock = fakeClock();
    expect(await spend(redis, { serverClock, key: 'account-2' })).toBe(0);
    serverClock.step(-30 * 60_000);
    expect(await spend(redis, { serverClock, key: 'account-3' })).toBe(0);
    await serverClock.advance(WINDOW_MS);
    expect(await spend(redis, { serverClock })).toBe(LIMIT);
  });

  describe('when the clock of the server jumps ahead', () => {
    /** Processes that share a server, each with the same clock of its own. */
    async function processes() {
      const { redis } = await open();
      const clock = fakeClock();
      const serverClock = fakeClock();
      const pass = async (ms: number) => {
        await clock.advance(ms);
        await serverClock.advance(ms);
      };
      const start = () => {
        const limiter = redisLimiter({ redis, prefix: 'app', clock, serverClock });
        return (key: string) => spendOf(limiter, key);
      };
      const [first, second] = [start(), start()];
      await first('account-2');
      await second('account-2');
      await pass(WINDOW_MS);
      return { clock, serverClock, pass, first, second };
    }

    it('grants nothing more in a window through which it jumps', async () => {
      const { serverClock, pass, first } = await processes();
      expect(await first('account-1')).toBe(LIMIT);
      serverClock.step(3_600_000);
      expect(await first('account-1')).toBe(0);
      await pass(WINDOW_MS - 1);
      expect(await first('account-3')).toBe(0);
      await pass(1);
      expect(await first('account-4')).toBe(LIMIT);
    });

    it('waits once for a jump that several processes notice', async () => {
      const { serverClock, pass, first, second } = await processes();
      serverClock.step(3_600_000);
      expect(await first('account-1')).toBe(0);
      await pass(WINDOW_MS);
      expect(await second('account-3')).toBe(LIMIT);
    });

    it('waits as well when it is put right after a step back', async () => {
      const { serverClock, pass, first } = await processes();
      serverClock.step(-3_600_000);
      await first('account-2');
      await pass(WINDOW_MS);
      expect(await first('account-1')).toBe(LIMIT);
      serverClock.step(3_600_000);
      expect(await first('account-1')).toBe(0);
      await pass(WINDOW_MS);
      expect(await first('account-3')).toBe(LIMIT);
    });

    it('takes nothing for a jump while a process was frozen and its monotonic clock with it', async () => {
      const { clock, serverClock, first } = await processes();
      clock.step(3_600_000);
      await serverClock.advance(3_600_000);
      expect(await first('account-1')).toBe(LIMIT);
    });

    it('takes nothing for a jump while the wall clock of a process was set back', async () => {
      const { clock, pass, first } = await processes();
      clock.step(-3_600_000);
      await pass(10 * WINDOW_MS);
      expect(await first('account-1')).toBe(LIMIT);
    });
  });

  describe('when the log of a key was evicted', () => {
    async function evicted() {
      const { redis } = await open();
      await warmUp(redis);
      const limiter = redisLimiter({ redis, prefix: 'app' });
      const claims = await claim(limiter, 'account-1');
      expect(claims).toHaveLength(LIMIT);
      const settle = (some: readonly Claim[]) =>
        limiter.settle({
          ...question,
          key: 'account-1',
          settlements: some.map(({ id, token }) => ({ id, token, outcome: 'delivered' })),
        });
      await settle(claims.slice(1));
      await redis.del(...(await redis.keys('*:log')));
      return { limiter, settleLast: () => settle(claims.slice(0, 1)) };
    }

    it('notices it', async () => {
      const { limiter } = await evicted();
      expect(await spendOf(limiter, 'account-1')).toBe(0);
    });

    it('notices it although a settlement began a new one', async () => {
      const { limiter, settleLast } = await evicted();
      await settleLast();
      expect(await spendOf(limiter, 'account-1')).toBe(0);
    });
  });

  it('notices that all of a key was evicted', async () => {
    const { redis } = await open({ 'maxmemory-policy': 'allkeys-random' });
    await warmUp(redis);
    expect(await spend(redis)).toBe(LIMIT);
    const generation = (await redis.keys('*generation'))[0]!;
    const kept = (await redis.get(generation))!;
    await redis.config('SET', 'maxmemory', '1');
    await until('an eviction', async () => {
      await redis.call('SET', 'other', 'x').catch(() => {});
      return (await redis.dbsize()) === 0;
    });
    await redis.config('SET', 'maxmemory', '0');
    // The generation is asked for with every call and so outlives the rest where the least recently used go first.
    await redis.set(generation, kept, 'EX', 60);
    expect(await spend(redis)).toBe(0);
  });
});
