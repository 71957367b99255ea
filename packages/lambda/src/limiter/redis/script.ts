import { createHash } from 'node:crypto';
import { MAX_FORGOTTEN, WAITER_GRACE_MS } from '../limiter.ts';
import { PAUSE_HOLD_MS, PAUSE_MEMORY_MS } from '../operations.ts';
import prelude from './prelude.lua';
import { US_PER_MS } from '../../limits/rules.ts';

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
  PAUSE_HOLD: PAUSE_HOLD_MS * US_PER_MS,
  PAUSE_MEMORY: PAUSE_MEMORY_MS * US_PER_MS,
  /** In seconds. */
  GENERATION_MEMORY: 30 * 24 * 3_600,
};
const namedConstants = `local ${Object.keys(constants).join(', ')} = ${Object.values(constants).join(', ')}`;

/** A script of one or more parts, which share their local names. */
export function script(...parts: readonly string[]): Script {
  const source = [prelude, namedConstants, ...parts].join('\n');
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
