import { systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import { until } from '@huntaze/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { play, type Played, type RedisPlay } from './redis-play.ts';
import { LIMIT, WINDOW_MS } from './scene.ts';
import { broken, report } from './verdicts.ts';

const verdicts: Played[] = [];
afterAll(() => console.log(report(verdicts)));

async function survive(redisPlay: RedisPlay): Promise<Played> {
  const played = await play(redisPlay);
  verdicts.push(played);
  return played;
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
    const played = await survive({
      fault: 'eviction',
      async strike({ admin, scene }) {
        const times = 3;
        await admin.config('SET', 'maxmemory-policy', 'allkeys-random');
        for (let time = 0; time < times; time++) {
          await admin.config('SET', 'maxmemory', '1');
          await until('an eviction of everything', async () => {
            await admin.call('SET', 'other', 'x').catch(() => {});
            return (await admin.dbsize()) === 0;
          });
          await admin.config('SET', 'maxmemory', '0');
          await scene.calls(scene.upstream.ledger.calls.length + 3);
        }
        return times;
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('loses its memory while slow deliveries are under way', async () => {
    let slow = false;
    let underWay = 0;
    const played = await survive({
      fault: 'FLUSHALL, slow deliveries under way',
      async deliver() {
        if (!slow) return;
        underWay++;
        await systemClock.sleep(0.8 * WINDOW_MS);
      },
      async strike({ admin }) {
        slow = true;
        // They arrive upstream shortly before the first ones that are admitted afterwards, which arrive at once.
        await until('half a window of deliveries', () => underWay >= LIMIT / 2, { everyMs: 5 });
        await admin.flushall();
        slow = false;
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('has its clock set back by an hour, several times', async () => {
    const serverClock = settableClock();
    const played = await survive({
      fault: 'clock set back',
      serverClock,
      async strike({ scene }) {
        const times = 3;
        for (let time = 0; time < times; time++) {
          serverClock.setBy(-3_600_000);
          await scene.calls(scene.upstream.ledger.calls.length + 3);
        }
        return times;
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('has its clock set forward by a window', async () => {
    const serverClock = settableClock();
    const played = await survive({
      fault: 'clock set forward',
      serverClock,
      async strike() {
        serverClock.setBy(WINDOW_MS);
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
  });
});
