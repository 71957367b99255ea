import { Redis } from 'ioredis';
import { startRedis } from './server.ts';

/** A Redis server to use until `stop`. */
export interface RedisService {
  readonly url: string;
  /** Ends the server when we started it; leaves a given one running. */
  stop(): Promise<void>;
}

/**
 * The Redis server that `REDIS_URL` names, otherwise one of our own.
 * @throws {Error} when the named server does not answer, or as {@link startRedis} does.
 */
export async function redisService(environment = process.env): Promise<RedisService> {
  const given = environment['REDIS_URL'];
  if (given === undefined || given === '') return startRedis();
  await assertAnswers(given);
  return { url: given, stop: async () => {} };
}

async function assertAnswers(url: string): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, connectTimeout: 5_000, retryStrategy: () => null });
  // ioredis prints connection errors that nobody listens to; `connect` rejects with the same one.
  redis.on('error', () => {});
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    throw new Error(
      'expected a Redis server at REDIS_URL, found none that answers: start it, or unset REDIS_URL to use one of our own',
      { cause },
    );
  } finally {
    redis.disconnect();
  }
}
