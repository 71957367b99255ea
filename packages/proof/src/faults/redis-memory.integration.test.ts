import { systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import { until } from '@huntaze/testkit';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { evictedFrom, generationIn, skewMs } from './evidence.ts';
import { play, SHORT } from './redis-play.ts';
import { broken, LIMIT, WINDOW_MS } from './verdicts.ts';

const HOUR_MS = 3_600_000;

/** Removes all keys, and counts them. */
async function flush(redis: Redis): Promise<number> {
  const [before, , after] = (await redis.multi().dbsize().flushall().dbsize().exec()) ?? [];
  return Number(before?.[1]) - Number(after?.[1]);
}

/** A server clock that can be set. */
function settableClock(): Clock & { setBy(ms: number): void } {
  let offsetMs = 0;
  return {
    ...systemClock,
    nowMs: () => systemClock.nowMs() + offsetMs,
    setBy: (ms) => {
      offsetMs += ms;
    },
  };
}

describe.concurrent('a backlog is delivered within its limit although Redis', () => {
  it('evicts all that it knows', async () => {
    const played = await play({
      fault: 'eviction',
      async strike({ admin, scene }) {
        const injected = 3;
        const before = await evictedFrom(admin);
        await admin.config('SET', 'maxmemory-policy', 'allkeys-random');
        for (let time = 0; time < injected; time++) {
          await admin.config('SET', 'maxmemory', '1');
          await until('an eviction of everything', async () => {
            await admin.call('SET', 'other', 'x').catch(() => {});
            return (await admin.dbsize()) === 0;
          });
          await admin.config('SET', 'maxmemory', '0');
          await scene.calls(scene.upstream.ledger.calls.length + 3);
        }
        return { injected, seen: { count: (await evictedFrom(admin)) - before, what: 'keys evicted' } };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('loses its memory while slow deliveries are under way', async () => {
    let slow = false;
    const underWay = new Set<string>();
    const played = await play({
      fault: 'FLUSHALL, slow deliveries under way',
      // They are heard of again, at half of each lease, before a window is over.
      patience: { ...SHORT, timeoutMs: 10_000 },
      async deliver(id) {
        if (!slow) return;
        underWay.add(id);
        await systemClock.sleep(0.8 * WINDOW_MS);
      },
      async strike({ admin, scene }) {
        slow = true;
        // They arrive upstream shortly before the first ones that are admitted afterwards, which arrive at once.
        await until('half a window of deliveries', () => underWay.size >= LIMIT / 2, { everyMs: 5 });
        const count = await flush(admin);
        slow = false;
        const lostAtMs = performance.now();
        const { calls } = scene.upstream.ledger;
        await until('their calls', () => [...underWay].every((id) => calls.some((call) => call.id === id)));
        // On a busy machine: later than a window, when nobody can know of them any more.
        const apart = calls.filter(({ id, atMs }) => underWay.has(id) && atMs > lostAtMs + WINDOW_MS);
        return { injected: 1, seen: { count, what: 'keys lost' }, apart: new Set(apart) };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('has its clock set back by an hour, several times', async () => {
    const serverClock = settableClock();
    const played = await play({
      fault: 'clock set back',
      serverClock,
      async strike({ admin, scene }) {
        const injected = 3;
        for (let hours = 1; hours <= injected; hours++) {
          const calls = scene.upstream.ledger.calls.length;
          serverClock.setBy(-HOUR_MS);
          await until('a question that carries the time on', async () => {
            const skew = await skewMs(admin);
            return skew > (hours - 0.01) * HOUR_MS;
          });
          await scene.calls(calls + 3);
        }
        const count = Math.round((await skewMs(admin)) / HOUR_MS);
        return { injected, seen: { count, what: 'hours carried on' } };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('has its clock set forward by many windows', async () => {
    const serverClock = settableClock();
    const played = await play({
      fault: 'clock set forward',
      serverClock,
      async strike({ admin }) {
        const generations = new Set([await generationIn(admin)]);
        // More than a second, which is what clocks may differ by.
        serverClock.setBy(HOUR_MS);
        await until(
          'a question that notices it',
          async () => generations.add(await generationIn(admin)).size > 1,
        );
        return { injected: 1, seen: { count: generations.size - 1, what: 'new generation' } };
      },
    });
    expect(broken(played)).toEqual([]);
  });
});
