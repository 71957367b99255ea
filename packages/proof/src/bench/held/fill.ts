import { randomUUID } from 'node:crypto';
import { redisLimiter } from '@huntaze/rate-limiter-lambda';
import type { Redis } from 'ioredis';
import type { HeldAccount } from './accounts.ts';

const KEY = 'account-1';
const PER_CALL = 100;

/** Has an account's messages delivered, and then others wait. */
export async function fill(
  redis: Redis,
  prefix: string,
  { limits, delivered, waiting, cost = 1 }: HeldAccount,
): Promise<void> {
  const limiter = redisLimiter({ redis, prefix, coldStart: 'full' });
  const question = { key: KEY, limits, marginMs: 400 };
  const admit = (count: number) =>
    limiter.admit({
      ...question,
      leaseMs: 60_000,
      candidates: Array.from({ length: count }, () => ({ id: randomUUID(), priority: 'medium', cost })),
    });
  for (let done = 0; done < delivered; done += PER_CALL) {
    const admissions = await admit(Math.min(PER_CALL, delivered - done));
    const settlements = admissions.flatMap((one) =>
      one.kind === 'granted'
        ? [{ id: one.claim.id, token: one.claim.token, outcome: 'delivered' as const }]
        : [],
    );
    if (settlements.length < admissions.length)
      throw new Error('expected all to be delivered, found some wait');
    await limiter.settle({ ...question, settlements });
  }
  for (let done = 0; done < waiting; done += PER_CALL) await admit(Math.min(PER_CALL, waiting - done));
}

/** The keys of the account, without what the shard shares. */
const namesOf = (redis: Redis, prefix: string) => redis.keys(`${prefix}:*${KEY}*`);

/** Bytes of the account, by `MEMORY USAGE`. */
export async function heldBy(redis: Redis, prefix: string): Promise<number> {
  const names = await namesOf(redis, prefix);
  const bytes = await Promise.all(names.map((one) => redis.call('MEMORY', 'USAGE', one, 'SAMPLES', '0')));
  return bytes.reduce<number>((sum, one) => sum + Number(one), 0);
}

export async function remove(redis: Redis, prefix: string): Promise<void> {
  await redis.unlink(...(await namesOf(redis, prefix)));
}
