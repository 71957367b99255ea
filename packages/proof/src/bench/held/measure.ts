import { randomUUID } from 'node:crypto';
import { perMinute, redisLimiter, slidingWindow, type Limit } from '@huntaze/rate-limiter-lambda';
import type { Redis } from 'ioredis';
import { table, whole } from '../report/table.ts';

const KEY = 'account-1';
const MANY = 10_000;
const PER_CALL = 100;

/** Measures what Redis holds of an account, by `MEMORY USAGE`, and describes it in Markdown. Ids are UUIDs. */
export async function measureHeld(redis: Redis, prefix: string): Promise<string> {
  const rows: string[][] = [];
  const measure = async (name: string, limits: readonly Limit[], delivered: number, waiting: number) => {
    const own = `${prefix}:held:${rows.length}`;
    await fill(redis, own, limits, delivered, waiting);
    const names = await redis.keys(`${own}:*${KEY}*`);
    const bytes = await Promise.all(names.map((one) => redis.call('MEMORY', 'USAGE', one, 'SAMPLES', '0')));
    const total = bytes.reduce<number>((sum, one) => sum + Number(one), 0);
    rows.push([name, whole(total), whole(total / (delivered + waiting))]);
    await redis.unlink(...names);
  };
  await measure('10 per minute, ten delivered', perMinute(10), 10, 0);
  await measure('10 per minute, 10,000 wait', perMinute(10), 10, MANY);
  const large = [slidingWindow({ limit: MANY, windowMs: 600_000 })];
  await measure('10,000 per window, all delivered and remembered', large, MANY, 0);
  const coarse = [slidingWindow({ limit: 10 * MANY, windowMs: 600_000 })];
  await measure('the same, window of sub-buckets', coarse, MANY, 0);
  return ['Bytes of one account in Redis.', '', table(['account', 'bytes', 'bytes per message'], rows)].join(
    '\n',
  );
}

async function fill(
  redis: Redis,
  prefix: string,
  limits: readonly Limit[],
  delivered: number,
  waiting: number,
) {
  const limiter = redisLimiter({ redis, prefix, coldStart: 'full' });
  const question = { key: KEY, limits, marginMs: 400 };
  const admit = (count: number) =>
    limiter.admit({
      ...question,
      leaseMs: 60_000,
      candidates: Array.from({ length: count }, () => ({ id: randomUUID(), priority: 'medium' })),
    });
  for (let done = 0; done < delivered; done += PER_CALL) {
    const admissions = await admit(Math.min(PER_CALL, delivered - done));
    const settlements = admissions.flatMap((one) =>
      one.kind === 'granted'
        ? [{ id: one.claim.id, token: one.claim.token, outcome: 'delivered' as const }]
        : [],
    );
    await limiter.settle({ ...question, settlements });
  }
  for (let done = 0; done < waiting; done += PER_CALL) await admit(PER_CALL);
}
