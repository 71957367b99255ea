import { createHash } from 'node:crypto';
import {
  FIRST_COMPACTION,
  HISTORY_MS,
  LEAST_WAIT_MS,
  LOG_SLACK,
  MAX_FORGOTTEN,
  UNFINISHED_MEMORY_MS,
  WAITER_GRACE_MS,
} from '../limiter.ts';
import { PAUSE_HOLD_MS } from '../operations.ts';
import prelude from './prelude.lua';
import { FEW_SUB_BUCKETS, SUB_BUCKETS } from '../usage/sub-buckets.ts';
import { US_PER_MS } from '../limits/rules.ts';

/**
 * The two commands the limiter needs, in the argument order of ioredis and iovalkey. Structural, so
 * that any client serves; for node-redis write
 * `{ evalsha: (sha, n, ...a) => client.evalSha(sha, { keys: a.slice(0, n), arguments: a.slice(n) }), … }`.
 */
export interface RedisClient {
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** A Lua script that the server keeps: sent by its digest, in full only to a server that does not know it. */
export interface Script {
  run(redis: RedisClient, keys: readonly string[], args: readonly string[]): Promise<unknown>;
}

/** What the scripts know by name. */
const constants = {
  WAITER_GRACE: WAITER_GRACE_MS * US_PER_MS,
  MAX_FORGOTTEN,
  HISTORY: HISTORY_MS * US_PER_MS,
  UNFINISHED_MEMORY: UNFINISHED_MEMORY_MS * US_PER_MS,
  LEAST_WAIT: LEAST_WAIT_MS * US_PER_MS,
  LOG_SLACK,
  FIRST_COMPACTION,
  SUB_BUCKETS,
  FEW_SUB_BUCKETS,
  /** The version of all that Redis holds: see docs/decisions/0030. */
  STORED_FORM: 2,
  STORED_FORM_TEXT: "'2'",
  PAUSE_HOLD: PAUSE_HOLD_MS * US_PER_MS,
  /** In seconds. */
  GENERATION_MEMORY: 30 * 24 * 3_600,
};
const namedConstants = `local ${Object.keys(constants).join(', ')} = ${Object.values(constants).join(', ')}`;

/** A script of one or more parts, which share their local names. */
export function script(...parts: readonly string[]): Script {
  const source = ['#!lua', namedConstants, prelude, ...parts].join('\n');
  const sha1 = createHash('sha1').update(source).digest('hex');
  return {
    async run(redis, keys, args) {
      try {
        return await redis.evalsha(sha1, keys.length, ...keys, ...args);
      } catch (error) {
        // After a restart, a failover or SCRIPT FLUSH (https://redis.io/docs/latest/commands/evalsha/).
        if (!isUnknownScript(error)) throw error;
        return await redis.eval(source, keys.length, ...keys, ...args);
      }
    },
  };
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.includes('NOSCRIPT');
}
