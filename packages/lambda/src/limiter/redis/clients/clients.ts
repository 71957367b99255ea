import { expecting, kindOf, type Check } from '../../../checks/checks.ts';
import { bunConnection, type BunRedisClient } from './bun.ts';
import type { Connection } from './connection.ts';
import { glideConnection, type ValkeyGlideClient } from './glide.ts';
import { ioredisConnection, type IoredisClient } from './ioredis.ts';
import { nodeRedisConnection, type NodeRedisClient } from './node-redis.ts';

/** The clients that serve as they are: of each only what is called, so that none is a dependency. */
export type RedisClient = IoredisClient | NodeRedisClient | ValkeyGlideClient | BunRedisClient;

/** How one kind of client is recognised: by methods that none below it has. */
interface Kind {
  readonly methods: readonly string[];
  readonly connection: (redis: never) => Connection;
}

const kinds: readonly Kind[] = [
  { methods: ['customCommand'], connection: glideConnection },
  { methods: ['evalSha', 'eval'], connection: nodeRedisConnection },
  // Before ioredis: it has methods of the same names.
  { methods: ['send', 'connect', 'close'], connection: bunConnection },
  { methods: ['evalsha', 'eval'], connection: ioredisConnection },
];

/** Speaks HTTP, not Redis's protocol: its `evalsha` takes lists. */
const isUpstash = (redis: unknown): boolean => hasAll(redis, ['evalsha', 'createScript']);

/** What the option `redis` must be. */
export const redisClient: Check = expecting(
  'a client of ioredis, iovalkey, node-redis, valkey-glide or Bun, or an object with evalsha, eval',
  (found) => kindOfClient(found) !== undefined,
  (found) =>
    isUpstash(found)
      ? '@upstash/redis, which sends HTTP requests: connect to the same database with ioredis and its rediss:// URL'
      : kindOf(found),
);

/** The connection of a client that {@link redisClient} takes. */
export function connectionOf(redis: RedisClient): Connection {
  return kindOfClient(redis)!.connection(redis as never);
}

function kindOfClient(redis: unknown): Kind | undefined {
  return isUpstash(redis) ? undefined : kinds.find(({ methods }) => hasAll(redis, methods));
}

function hasAll(redis: unknown, methods: readonly string[]): boolean {
  return methods.every((method) => typeof Object(redis)[method] === 'function');
}
