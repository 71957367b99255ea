import { startRedis } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { Redis as Valkey } from 'iovalkey';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { afterAll, describe, expect, it } from 'vitest';
import type { RedisClient } from './clients/clients.ts';
import { redisLimiter } from './redis-limiter.ts';

const server = await startRedis();
const admin = new Redis(server.url);
// Nobody is let in without a password, but those who are.
await admin.config('SET', 'requirepass', 'admin');
await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~huntaze:*', '+@all', '-evalsha');
afterAll(async () => {
  admin.disconnect();
  await server.stop();
});

const clients: Readonly<Record<string, (url: string) => { redis: RedisClient; close(): void }>> = {
  'ioredis 6': (url) => closing(new Redis(url, { maxRetriesPerRequest: 1 })),
  'ioredis 6 with its defaults': (url) => closing(new Redis(url)),
  'ioredis 5': (url) => closing(new Redis5(url, { maxRetriesPerRequest: 1 })),
  iovalkey: (url) => closing(new Valkey(url, { maxRetriesPerRequest: 1 })),
  'node-redis 6': (url) => connecting(createClient({ url })),
  'node-redis 5': (url) => connecting(createClient5({ url })),
};

const closing = (redis: RedisClient & { disconnect(): void }) => ({ redis, close: () => redis.disconnect() });

function connecting(redis: RedisClient & { connect(): Promise<unknown>; destroy(): void }) {
  // As a host does that starts while Redis is away.
  redis.connect().catch(() => {});
  return { redis, close: () => redis.destroy() };
}

const host = `127.0.0.1:${server.port}`;

describe.each(Object.entries(clients))('through %s, an error says that', (_, open) => {
  it.each([
    ['nobody listens', 'redis://127.0.0.1:1', /ECONNREFUSED 127\.0\.0\.1:1/],
    ['there is no such host', 'redis://no-such-host.invalid:6379', /ENOTFOUND no-such-host\.invalid/],
    [
      'a port does not answer TLS',
      `rediss://${host}`,
      /connect\w+ with TLS, which a port without TLS does not answer/,
    ],
    ['the password is wrong', `redis://app:wrong@${host}`, /WRONGPASS|NOAUTH|unauthenticated/],
    [
      'the user may not',
      `redis://app:secret@${host}`,
      /NOPERM.*evalsha.*ACL SETUSER <user> ~huntaze:\* \+evalsha/s,
    ],
  ])('%s', async (_reason, url, text) => {
    const { redis, close } = open(url);
    try {
      const limiter = redisLimiter({ redis, timeoutMs: 1_500 });
      await expect(limiter.inspect('account-1')).rejects.toThrow(text);
    } finally {
      close();
    }
  });
});
