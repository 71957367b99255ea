import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { sharedService } from '../services/shared-service.ts';
import { complaintsAbout, removeKeys } from './leftovers.ts';

/** A test file's own corner of a Redis server. */
export interface TestRedis {
  /** Connected. Closed by `close`; every connection made with `redis.duplicate()` must be closed by the test. */
  readonly redis: Redis;
  /** Unique. Every key that the test file causes must begin with it. */
  readonly prefix: string;
  /** One more connection, which the test must close. */
  connect(): Redis;
  /**
   * Removes the keys under the prefix and closes.
   * @throws {Error} when keys without expiry or open connections were left.
   */
  close(): Promise<void>;
}

/** Opens a connection with a unique key prefix. Connections are recognised on the server by their name, which is the prefix. */
export async function openTestRedis(url: string): Promise<TestRedis> {
  const prefix = `test:${randomUUID()}:`;
  const connect = () => new Redis(url, { connectionName: prefix });
  const redis = connect();
  await redis.ping();
  const close = async () => {
    await redis.quit();
    const inspector = new Redis(url);
    const complaints = await complaintsAbout(inspector, prefix);
    await removeKeys(inspector, prefix);
    await inspector.quit();
    if (complaints.length > 0) throw new Error(complaints.join('; '));
  };
  return { redis, prefix, connect, close };
}

/**
 * {@link openTestRedis} for a file of the integration project, on the run's own server: call it at the top of
 * the file. What is left behind after the last test fails the file.
 */
export async function redisForTests(): Promise<Omit<TestRedis, 'close'>> {
  // Loaded here alone: programs that are no tests use this package too.
  const { afterAll } = await import('vitest');
  const { close, ...testRedis } = await openTestRedis(await sharedService('redis'));
  afterAll(close);
  return testRedis;
}
