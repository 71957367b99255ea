import type { Redis } from 'ioredis';
import { until } from '../until.ts';

/** Names listed in a complaint; the rest is counted. */
const MAX_NAMES = 5;

/** The keys under a prefix that would stay in Redis for ever. Everything the limiter writes must expire. */
async function keysWithoutExpiry(redis: Redis, prefix: string): Promise<readonly string[]> {
  const keys = await keysUnder(redis, prefix);
  const remaining = await Promise.all(keys.map((key) => redis.pttl(key)));
  // PTTL answers -1 for a key without expiry and -2 for one that is gone (https://redis.io/commands/pttl).
  return keys.filter((_, index) => remaining[index] === -1);
}

/** Removes every key under a prefix. */
export async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  for (const key of await keysUnder(redis, prefix)) await redis.unlink(key);
}

/**
 * How many connections of this name the server still holds. A server notices a closed socket a moment
 * later, so a number other than zero is given only when it lasted for three seconds.
 */
async function openConnections(redis: Redis, name: string): Promise<number> {
  let open = 0;
  const noneLeft = async () => (open = await countConnections(redis, name)) === 0;
  await until('all connections to be closed', noneLeft, { timeoutMs: 3_000 }).catch(() => {});
  return open;
}

/** What is wrong with what a test file left behind, one sentence each; empty when all is well. */
export async function complaintsAbout(redis: Redis, prefix: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  const open = await openConnections(redis, prefix);
  if (open > 0) complaints.push(`expected every connection to be closed, found ${open} open: quit each one`);
  const keys = await keysWithoutExpiry(redis, prefix);
  if (keys.length > 0) {
    const names = keys.slice(0, MAX_NAMES).map((key) => key.slice(prefix.length));
    complaints.push(
      `expected every key to expire, found ${keys.length} without expiry: ${names.join(', ')}${keys.length > MAX_NAMES ? ', …' : ''}`,
    );
  }
  return complaints;
}

async function countConnections(redis: Redis, name: string): Promise<number> {
  const clients = String(await redis.client('LIST')).split('\n');
  return clients.filter((client) => client.split(' ').includes(`name=${name}`)).length;
}

async function keysUnder(redis: Redis, prefix: string): Promise<readonly string[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    for (const key of found) keys.add(key);
    cursor = next;
  } while (cursor !== '0');
  return [...keys];
}
