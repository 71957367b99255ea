import type { Clock, Ids } from '@huntaze/rate-limiter-client/contract';
import { checksOf, clock, having, optional, text, whole, type Check } from '../../checks/checks.ts';
import type { ColdStart } from '../limiter.ts';
import { sharedTable } from '../shared-options.ts';
import { redisClient, type RedisClient } from './clients/clients.ts';

export interface RedisLimiterOptions {
  /**
   * A client of ioredis, iovalkey, node-redis, valkey-glide or Bun, as it is; or anything with ioredis's `evalsha` and `eval`.
   * Redis ≥ 7 or Valkey, or a cluster of either. You connect and close it.
   */
  readonly redis: RedisClient;
  /**
   * The upstream whose limit is kept, such as `onlyfans`. Messages of all queues whose limiters have the same name, prefix
   * and Redis share one budget per key; their ids are kept apart by queue. Name it wherever two queues lead to one
   * upstream. Default: none; every queue has a budget of its own.
   */
  readonly upstream?: string;
  /** Start of every Redis key. Default `huntaze`. No braces: they mark the part that decides the cluster slot. */
  readonly prefix?: string;
  /**
   * How long a finished message is remembered at least, at most twice as long, so that a duplicate is recognised.
   * Default 24 h.
   */
  readonly rememberMs?: number;
  /**
   * Default `empty`: after a failover, a restart without data or an eviction, every key waits one window. So it does
   * once on a new server. See {@link ColdStart}.
   */
  readonly coldStart?: ColdStart;
  /**
   * Into how many hash slots the keys are spread. Default 256 for a cluster, 1 otherwise. All processes must agree,
   * and a change forgets what was counted.
   */
  readonly shards?: number;
  /** How long to wait for Redis before the answer counts as unknown. Default 2,000. */
  readonly timeoutMs?: number;
  /**
   * This process's clock, into which answers are translated. Limits are kept by the Redis server's clock; where scripts may
   * not call `TIME`, by those of the processes. Default: the system's.
   */
  readonly clock?: Clock;
  /** For tests: tells Redis what time it is. Default: its own clock. */
  readonly serverClock?: Clock;
  /** Names each call, so that a resent one is recognised. Unique across processes. Default: UUID version 4. */
  readonly ids?: Ids;
}

/** A cluster has no more (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/). */
const HASH_SLOTS = 16_384;

/** What each option must be. */
export const redisChecks = {
  redis: redisClient,
  prefix: optional(text('a string without braces', /^[^{}]*$/)),
  ...checksOf(sharedTable),
  shards: optional(whole(1, HASH_SLOTS)),
  timeoutMs: optional(whole(1, 60_000)),
  serverClock: clock,
  ids: optional(having('next')),
} satisfies Record<keyof RedisLimiterOptions, Check>;
