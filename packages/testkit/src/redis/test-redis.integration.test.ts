import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { sharedService } from '../services/shared-service.ts';
import { openTestRedis, redisForTests } from './test-redis.ts';

const { redis: shared, prefix: sharedPrefix } = await redisForTests();

describe('redisForTests', () => {
  it('gives a connection to the server of the run, with a prefix', async () => {
    await shared.set(`${sharedPrefix}key`, 'value', 'PX', 60_000);
    expect(await shared.get(`${sharedPrefix}key`)).toBe('value');
  });
});

describe('openTestRedis', () => {
  it('gives each caller a prefix of its own', async () => {
    const [first, second] = await Promise.all([
      openTestRedis(await sharedService('redis')),
      openTestRedis(await sharedService('redis')),
    ]);
    expect(first.prefix).not.toBe(second.prefix);
    await Promise.all([first.close(), second.close()]);
  });

  it('removes its own keys when it is closed, and no others', async () => {
    const [first, second] = await Promise.all([
      openTestRedis(await sharedService('redis')),
      openTestRedis(await sharedService('redis')),
    ]);
    for (const { redis, prefix } of [first, second]) await redis.set(`${prefix}key`, 'value', 'PX', 60_000);
    await first.close();
    expect(await shared.keys(`${first.prefix}*`)).toEqual([]);
    expect(await shared.keys(`${second.prefix}*`)).toEqual([`${second.prefix}key`]);
    await second.close();
  });

  it('complains about keys without expiry, and removes them nevertheless', async () => {
    const { redis, prefix, close } = await openTestRedis(await sharedService('redis'));
    await redis.set(`${prefix}expires`, 'value', 'PX', 60_000);
    await redis.set(`${prefix}{a}:stays`, 'value');
    await expect(close()).rejects.toThrow('expected every key to expire, found 1 without expiry: {a}:stays');
    expect(await shared.keys(`${prefix}*`)).toEqual([]);
  });

  it.each<[string, (redis: Redis, connect: () => Redis) => Redis]>([
    ['opened with connect', (_redis, connect) => connect()],
    ['duplicated by the code under test', (redis) => redis.duplicate()],
  ])('complains about a connection %s that was left open', async (_how, open) => {
    const { redis, connect, close } = await openTestRedis(await sharedService('redis'));
    const left = open(redis, connect);
    await left.ping();
    await expect(close()).rejects.toThrow('expected every connection to be closed, found 1 open');
    left.disconnect();
  });

  it('is content with connections that were closed', async () => {
    const { connect, close } = await openTestRedis(await sharedService('redis'));
    const other = connect();
    await other.ping();
    other.disconnect();
    await expect(close()).resolves.toBeUndefined();
  });
});
