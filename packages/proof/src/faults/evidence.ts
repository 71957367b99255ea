import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '@huntaze/testkit';
import type { Redis } from 'ioredis';

/** A key about the account of a fault, under the limits of its only queue; one that does not exist when there is none. */
async function keyOf(redis: Redis, prefix: string, name: string): Promise<string> {
  const pattern = `${prefix}:{*}:*account-1:${name}`;
  const found = await redis.keys(pattern);
  return found[0] ?? pattern;
}

const PREFIX = 'huntaze';

/** How often the server has answered with an error of this kind, such as `NOSCRIPT`. */
export async function errorsOf(redis: Redis, kind: string): Promise<number> {
  return await statistic(redis, 'errorstats', `errorstat_${kind}:count=`);
}

/** How many keys the server has evicted. */
export const evictedFrom = (redis: Redis): Promise<number> => statistic(redis, 'stats', 'evicted_keys:');

async function statistic(redis: Redis, section: string, name: string): Promise<number> {
  return Number((await redis.info(section)).split(name)[1]?.split(/\D/)[0] ?? 0);
}

/** Which start of a server this is. */
export async function runIdOf(redis: Redis): Promise<string> {
  return /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? '';
}

/** By how much an account's time is ahead of the server's clock, because that one was set back. */
export async function skewMs(redis: Redis): Promise<number> {
  return Number((await redis.hget(await keyOf(redis, PREFIX, 'state'), 'skew')) ?? 0) / 1_000;
}

/** What the limiter knows of the server's past. */
export async function generationIn(redis: Redis): Promise<string | null> {
  return await redis.get(`${PREFIX}:{0}:generation`);
}

/** Places of deliveries that have ended, by their tokens. */
export async function spendsIn(redis: Redis): Promise<ReadonlySet<string>> {
  return new Set(await redis.zrange(await keyOf(redis, PREFIX, 'log'), '0', '-1'));
}

/** Messages that somebody has claimed and nobody has settled. */
export async function claimsIn(redis: Redis, prefix: string): Promise<readonly string[]> {
  const halves = ['unfinished:even', 'unfinished:odd'].map(async (half) =>
    redis.hgetall(await keyOf(redis, prefix, half)),
  );
  const unfinished = (await Promise.all(halves)).flatMap((half) => Object.entries(half));
  return unfinished.filter(([, record]) => record.startsWith('c:')).map(([id]) => id);
}

/** Resolves when a process is stopped by a signal, as the system sees it. */
export async function stopped(pid: number): Promise<void> {
  await until(`process ${pid} to be stopped`, async () => {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(pid)]);
    return stdout.trim().startsWith('T');
  });
}
