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
import type { Connection } from './clients/connection.ts';
import { POSITIONS_PER_PRIORITY, TICKET_EPOCH_US } from '../queue-position.ts';
import prelude from './lua/lib/prelude.lua';
import { FEW_SUB_BUCKETS, SUB_BUCKETS } from '../usage/sub-buckets.ts';
import { US_PER_MS } from '../limits/rules.ts';

/** A Lua script that the server keeps: sent by its digest, in full only to a server that does not know it. */
export interface Script {
  readonly source: string;
  /** @returns numbers as the client reads them, texts as strings. */
  run(redis: Connection, keys: readonly string[], args: readonly string[]): Promise<unknown>;
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
  POSITIONS_PER_PRIORITY,
  TICKET_EPOCH: TICKET_EPOCH_US,
  /** A record of a claimed or released message, and below a verdict: see `lua/lib/records.lua`. */
  RECORD: String.raw`'^(%a):(%d+):(%d+):(%d+):(%d+):(%d+):(%d+):(%d+):(.*)$'`,
  /** The same, without what only matters to the next claim. */
  CLAIM: String.raw`'^(%a):(%d+):%d+:%d+:(%d+):%d+:(%d+):(%d+):(.*)$'`,
  VERDICT: String.raw`'^v:(%d+):((%d+):.*)$'`,
  /** Its length (https://redis.io/docs/latest/commands/info/). */
  REPLICATION_ID: 40,
  /** In seconds. */
  GENERATION_MEMORY: 30 * 24 * 3_600,
};

/** Short names of functions, and of keys. */
const shorthands = {
  'int(': "string.format('%d', ",
  'format(': 'string.format(',
  'call(': 'redis.call(',
  'max(': 'math.max(',
  'min(': 'math.min(',
  'floor(': 'math.floor(',
  state_key: 'KEYS[1]',
  log_key: 'KEYS[2]',
  counts_key: 'KEYS[3]',
  queue_key: 'KEYS[4]',
  due_key: 'KEYS[5]',
  generation_key: 'KEYS[10]',
};

/**
 * A script with what the names stand for. As locals they would be created anew with every call, and found again for every
 * function that uses them: 4 % of the instructions of an admission.
 */
const withNames = (source: string) =>
  Object.entries({ ...constants, ...shorthands }).reduce(
    (text, [name, value]) => text.replaceAll(whole(name), () => String(value)),
    source,
  );

/** Finds a name where it is neither part of another one nor a field; one of a function with its parenthesis. */
const whole = (name: string) =>
  name.endsWith('(')
    ? new RegExp(String.raw`(?<![.\w])${name.slice(0, -1)}\(`, 'g')
    : new RegExp(String.raw`\b${name}\b`, 'g');

/** A command with the functions of the libraries that it uses, which are of no cost where they are not loaded. */
export function script(command: string, ...libraries: readonly string[]): Script {
  return scriptOf(['#!lua', withNames([prelude, ...libraries, command].join('\n'))].join('\n'));
}

/** A script that needs nothing of the others. */
export function scriptOf(source: string): Script {
  const sha1 = createHash('sha1').update(source).digest('hex');
  return {
    source,
    async run(redis, keys, args) {
      try {
        return plain(await redis.evalsha(sha1, keys, args));
      } catch (error) {
        // After a restart, a failover or SCRIPT FLUSH (https://redis.io/docs/latest/commands/evalsha/).
        if (!isUnknownScript(error)) throw error;
        return plain(await redis.eval(source, keys, args));
      }
    },
  };
}

/** valkey-glide has its own word for the server's code. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && /NOSCRIPT|NoScriptError/.test(`${error.name} ${error.message}`);
}

/** A reply whose texts are strings: clients can be told to return buffers. */
function plain(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(plain);
  return reply instanceof Uint8Array ? Buffer.from(reply).toString() : reply;
}
