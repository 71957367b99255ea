import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { until } from '@huntaze/testkit';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import { claim, LIMIT, open, question, spend, spendOf, warmUp, WINDOW_MS } from './spending.fixture.ts';

describe('a limiter that starts empty', () => {
  it('grants nothing for one window on a new server, then everything', async () => {
    const { redis, serverClock } = await open();
    expect(await spend(redis, { serverClock, key: 'account-3' })).toBe(0);
    await serverClock.advance(WINDOW_MS - 1);
    expect(await spend(redis, { serverClock, key: 'account-3' })).toBe(0);
    await serverClock.advance(1);
    expect(await spend(redis, { serverClock })).toBe(LIMIT);
  });

  it('grants at once on a new server when it is told to', async () => {
    const { redis, serverClock } = await open();
    expect(await spend(redis, { serverClock, coldStart: 'full' })).toBe(LIMIT);
  });

  it('grants nothing for one window after everything was flushed', async () => {
    const { redis, serverClock } = await open();
    await warmUp(redis, { serverClock });
    expect(await spend(redis, { serverClock })).toBe(LIMIT);
    await redis.flushall();
    expect(await spend(redis, { serverClock })).toBe(0);
  });

  it('waits no longer when the clock of the server is set back meanwhile', async () => {
    const { redis, serverClock } = await open();
    expect(await spend(redis, { serverClock, key: 'account-2' })).toBe(0);
    serverClock.step(-30 * 60_000);
    expect(await spend(redis, { serverClock, key: 'account-3' })).toBe(0);
    await serverClock.advance(WINDOW_MS);
    expect(await spend(redis, { serverClock })).toBe(LIMIT);
  });

  describe('when the clock of the server jumps ahead', () => {
    /** Processes that share a server, each with the same clock of its own. */
    async function processes() {
      const { redis, serverClock } = await open();
      const clock = fakeClock();
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
      const { redis, serverClock } = await open();
      await warmUp(redis, { serverClock });
      const limiter = redisLimiter({ redis, prefix: 'app', serverClock });
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
    const { redis, serverClock } = await open({ 'maxmemory-policy': 'allkeys-random' });
    await warmUp(redis, { serverClock });
    expect(await spend(redis, { serverClock })).toBe(LIMIT);
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
    expect(await spend(redis, { serverClock })).toBe(0);
  });
});
