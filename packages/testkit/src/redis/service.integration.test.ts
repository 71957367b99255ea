import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { freePort } from '../free-port.ts';
import { startRedis } from './server.ts';
import { redisService } from './service.ts';

describe('redisService', () => {
  it('uses the server that REDIS_URL names and leaves it running', async () => {
    const given = await startRedis();
    const service = await redisService({ REDIS_URL: given.url });
    await service.stop();
    const redis = new Redis(given.url);
    expect(await redis.ping()).toBe('PONG');
    await redis.quit();
    await given.stop();
    expect(service.url).toBe(given.url);
  });

  it.each([{}, { REDIS_URL: '' }])(
    'starts and ends its own server with the environment %j',
    async (environment) => {
      const service = await redisService(environment);
      const redis = new Redis(service.url, { retryStrategy: () => null });
      redis.on('error', () => {});
      expect(await redis.ping()).toBe('PONG');
      await service.stop();
      await expect(redis.ping()).rejects.toThrow('Connection is closed');
      redis.disconnect();
    },
  );

  it('says so when nothing answers at REDIS_URL, without showing the address', async () => {
    const url = `redis://user:secret@127.0.0.1:${await freePort()}`;
    const failure = await redisService({ REDIS_URL: url }).catch((error: unknown) => String(error));
    expect(failure).toContain('expected a Redis server at REDIS_URL, found none that answers');
    expect(failure).not.toContain('secret');
  });
});
