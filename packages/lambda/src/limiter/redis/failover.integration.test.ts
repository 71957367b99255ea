import { until } from '@huntaze/testkit';
import { describe, expect, it } from 'vitest';
import { tokenBucket } from '../limits/limit.ts';
import { LIMIT, open, spend, warmUp, WINDOW_MS, type SpendOptions } from './spending.fixture.ts';

/** What is granted before a failover and right after it, when the replica missed all that was spent. */
async function spendAroundFailover(options: Pick<SpendOptions, 'coldStart' | 'limits'>): Promise<number[]> {
  const primary = await open({ 'repl-diskless-sync-delay': '0' });
  const replica = await open();
  const asking = { ...options, serverClock: primary.serverClock };
  await replica.redis.replicaof('127.0.0.1', primary.server.port);
  await until('a replica in step', async () =>
    (await replica.redis.info('replication')).includes('master_link_status:up'),
  );
  await warmUp(primary.redis, asking);
  await until('what was written on the replica', async () => {
    const [written, replicated] = await Promise.all([primary.redis.dbsize(), replica.redis.dbsize()]);
    return written > 0 && replicated === written;
  });
  // From here on nothing reaches the replica any more, as when the primary dies before it can send.
  await replica.redis.replicaof('127.0.0.1', 1);

  const before = await spend(primary.redis, asking);
  await replica.redis.replicaof('NO', 'ONE');
  const after = await spend(replica.redis, asking);
  return [before, after];
}

describe('a failover to a replica that missed what was spent', () => {
  const limits = [
    ['a window', {}],
    // Full again after one window.
    [
      'a bucket',
      { limits: [tokenBucket({ capacity: LIMIT, refillPerMinute: (LIMIT * 60_000) / WINDOW_MS })] },
    ],
  ] as const;

  it.each(limits)('is survived by %s of 100: nothing more is granted', async (_, options) => {
    expect(await spendAroundFailover(options)).toEqual([LIMIT, 0]);
  });

  it.each(limits)('makes 200 of %s of 100 that believes what it finds', async (_, options) => {
    expect(await spendAroundFailover({ ...options, coldStart: 'full' })).toEqual([LIMIT, LIMIT]);
  });
});
