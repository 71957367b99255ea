import { startRedis, startTcpProxy, until } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { perMinute } from '../../limits/limit.ts';
import { redisLimiter } from '../redis-limiter.ts';
import { singles, type Open } from './clients.fixture.ts';

/** What a host waits for at most. */
const AGAIN_WITHIN_MS = 15_000;

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

/** A limiter with a warm connection to a server, by a name that leads to another one from `fail` on. */
async function warm(open: Open) {
  const [old, next] = await Promise.all([startRedis(), startRedis()]);
  const name = await startTcpProxy(old.port);
  const admin = new Redis(old.url);
  const { redis, close } = await open([name.port]);
  closings.push(
    () => old.stop(),
    () => next.stop(),
    () => name.stop(),
    () => admin.disconnect(),
    close,
  );
  const limiter = redisLimiter({ redis, coldStart: 'full' });
  let asked = 0;
  const ask = async () => {
    const candidates = [{ id: `m-${asked++}`, priority: 'medium' as const }];
    const question = { key: 'account-1', limits: perMinute(1_000), marginMs: 0, leaseMs: 60_000 };
    const [admission] = await limiter.admit({ ...question, candidates });
    return admission?.kind === 'granted';
  };
  await until('a first grant', () => ask().catch(() => false));
  return { ask, old, next, name, admin };
}

const answers = (ask: () => Promise<boolean>) =>
  until('a grant', () => ask().catch(() => false), { timeoutMs: AGAIN_WITHIN_MS, everyMs: 100 });

describe.concurrent('admissions go on, with the documented options of', () => {
  it.each(Object.entries(singles).filter(([name]) => !name.startsWith('Bun')))(
    '%s, after the primary was demoted and the connection stayed',
    async (_, open) => {
      const { ask, next, name, admin } = await warm(open);
      await admin.replicaof('127.0.0.1', next.port);
      name.lead(next.port);
      expect(await answers(ask)).toBe(true);
    },
  );

  // glide has no call that makes a connection anew, and a server that has vanished hears no QUIT.
  it.each(Object.entries(singles).filter(([name]) => !/^(Bun|valkey-glide)/.test(name)))(
    '%s, after the node vanished and nobody said so',
    async (_, open) => {
      const { ask, next, name } = await warm(open);
      name.lead(next.port);
      name.vanish();
      expect(await answers(ask)).toBe(true);
    },
  );
});
