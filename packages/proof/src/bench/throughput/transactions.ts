import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { BATCH, LIMIT, WINDOW_MS, type Contender } from './contender.ts';
import { candidatesOf } from './ours.ts';

const LEASE_MS = 60_000;
const REMEMBER_MS = 24 * 3_600_000;

export interface Window {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * A limiter without a script, of separate commands: a pipeline watches and reads, this process decides, a transaction
 * writes; all over again when another process came between. It does what ours does for messages that need not wait:
 * an exact window, claims with fencing token, attempt and lease, memory of messages, nothing granted for one window on
 * a server that it does not know. It keeps no line, no priorities and no order, and tells time by its own clock.
 *
 * What a connection watches is forgotten with any transaction on it, so calls take turns.
 */
export function transactionLimiter(redis: Redis, prefix: string, { limit, windowMs }: Window) {
  const generation = `${prefix}:generation`;
  let turn: Promise<unknown> = Promise.resolve();

  const attempt = async (key: string, ids: readonly string[]): Promise<readonly string[] | undefined> => {
    const log = `${prefix}:${key}:log`;
    const records = `${prefix}:${key}:records`;
    const nowMs = Date.now();
    const reads = redis.pipeline();
    reads.watch(log, records);
    reads.info('replication').get(generation);
    reads.zcount(log, `(${nowMs - windowMs}`, '+inf').incrby(`${prefix}:${key}:token`, ids.length);
    for (const id of ids) reads.hget(records, id);
    const [, info, known, taken, lastToken, ...found] = await repliesOf(reads.exec());

    const server = /master_replid:(\w+)/.exec(String(info))?.[1] ?? '';
    const [knownServer, sinceMs] = String(known).split(':');
    const isCold = knownServer !== server || Number(sinceMs) > nowMs - windowMs;
    const free = isCold ? 0 : limit - Number(taken);
    const claims = ids
      .map((id, index) => ({ id, record: recordOf(found[index]), token: Number(lastToken) - index }))
      .filter(({ record }) => record.untilMs <= nowMs)
      .slice(0, free);

    const writes = redis.multi();
    if (knownServer !== server) writes.set(generation, `${server}:${nowMs}`);
    for (const { id, record, token } of claims) {
      writes.zadd(log, nowMs, String(token));
      writes.hset(records, id, [token, record.attempt + 1, nowMs + LEASE_MS].join(':'));
    }
    writes.zremrangebyscore(log, '-inf', nowMs - windowMs);
    writes.pexpire(log, windowMs + LEASE_MS).pexpire(records, REMEMBER_MS);
    const written = await writes.exec();
    return written ? claims.map(({ id }) => id) : undefined;
  };

  return {
    /** Resolves with the ids that may be delivered now. */
    async admit(key: string, ids: readonly string[]): Promise<readonly string[]> {
      const before = turn;
      const own = Promise.withResolvers<void>();
      turn = own.promise;
      await before;
      try {
        for (;;) {
          const granted = await attempt(key, ids);
          if (granted) return granted;
        }
      } finally {
        own.resolve();
      }
    },
  };
}

function recordOf(reply: unknown) {
  const [, attempt = 0, untilMs = 0] = typeof reply === 'string' ? reply.split(':').map(Number) : [];
  return { attempt, untilMs };
}

/** @throws when a command failed. */
async function repliesOf(exec: Promise<[error: Error | null, reply: unknown][] | null>): Promise<unknown[]> {
  return ((await exec) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
}

/** The same work as separate commands that nobody can come between. */
export const transacting: Contender = {
  name: 'transactions',
  messagesPerCall: BATCH,
  async open(redis, prefix) {
    const limiter = transactionLimiter(redis, prefix, { limit: LIMIT, windowMs: WINDOW_MS });
    await limiter.admit('warm-up', ['message-0']);
    await pause(WINDOW_MS + 50);
    return {
      async call(key, call) {
        const ids = candidatesOf(call).map(({ id }) => id);
        const granted = await limiter.admit(key, ids);
        if (granted.length < ids.length) throw new Error('expected every message granted: widen the limits');
      },
      async tidy() {},
    };
  },
};
