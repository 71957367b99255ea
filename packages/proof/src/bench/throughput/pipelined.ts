import { redisLimiter } from '@huntaze/rate-limiter-lambda';
import type { Redis } from 'ioredis';
import { BATCH, type Contender } from './contender.ts';
import { admitBatch, candidatesOf, claimsOf, warmLimiter } from './ours.ts';
import { recordCommands, type Command } from './record-commands.ts';
import { cutOut, fillIn, type Template } from './template.ts';

/** Commands that change nothing. What a program writes depends on their replies, so they are a round trip of their own. */
const READS = new Set(
  'TIME INFO GET HGET HMGET HGETALL EXISTS ZCARD ZCOUNT ZSCORE ZMSCORE ZRANGEBYSCORE ZREVRANGE'.split(' '),
);

/**
 * What our script does for ten messages as separate commands, one per message where it reads or writes something of a
 * message: a pipeline of reads and a pipeline of writes. It decides nothing and is not atomic.
 */
export const pipelining = pipelined('separate commands', separately);

/**
 * The very commands of our script, which read and write what concerns ten messages at once: the least that doing the
 * same without a script can cost.
 */
export const pipeliningInBulk = pipelined('its own commands', (command) => [command]);

/** The commands as the server's monitor shows them, filled in with other messages. */
function pipelined(name: string, each: (command: Command) => readonly Command[]): Contender {
  return {
    name,
    messagesPerCall: BATCH,
    async open(redis, prefix) {
      const { reads, writes } = await recordPipelines(redis, prefix, each);
      const used = new Set<string>();
      return {
        async call(key, call) {
          used.add(key);
          const values = valuesOf(prefix, key, call);
          await send(redis, reads, values);
          await send(redis, writes, values);
        },
        async tidy() {
          await redis.del(...[...used].map((key) => `${prefix}:{0}:${key}:state`));
          used.clear();
        },
      };
    },
  };
}

/** A command about the records of several messages, as one about each. */
function separately(command: Command): readonly Command[] {
  const [name = '', key = '', ...rest] = command;
  if (!key.includes(':records')) return [command];
  if (name === 'HMGET') return rest.map((id) => ['HGET', key, id]);
  if (name !== 'HSET') return [command];
  return rest.flatMap((id, index) => (index % 2 === 0 ? [['HSET', key, id, rest[index + 1] ?? '']] : []));
}

const isRead = ([name = '']: Command) => READS.has(name.toUpperCase());

type Pipeline = readonly (readonly Template[])[];

const RECORDED_KEY = 'recorded-account';
const RECORDED_CALL = 7_000_000;

interface Recording {
  readonly commands: readonly Command[];
  /** What stands in them of the account and its messages. */
  readonly values: readonly string[];
}

let recording: Promise<Recording> | undefined;

/** Has the real limiter admit ten messages, and notes what it ran. */
async function record(redis: Redis, prefix: string): Promise<Recording> {
  const limiter = await warmLimiter(redisLimiter({ redis, prefix }));
  // The recorded admission finds the key as it usually is: in use.
  await admitBatch(limiter, RECORDED_KEY, RECORDED_CALL + 1);
  let tokens: readonly string[] = [];
  const commands = await recordCommands(redis, async () => {
    const claims = claimsOf(await admitBatch(limiter, RECORDED_KEY, RECORDED_CALL));
    tokens = claims.map(({ token }) => String(token));
  });
  const ids = candidatesOf(RECORDED_CALL).map(({ id }) => id);
  return { commands, values: [prefix, RECORDED_KEY, ...ids, ...tokens] };
}

/** Cuts the prefix, the account, the ids and the tokens out of the recorded commands. */
async function recordPipelines(
  redis: Redis,
  prefix: string,
  each: (command: Command) => readonly Command[],
): Promise<{ reads: Pipeline; writes: Pipeline }> {
  recording ??= record(redis, prefix);
  const { commands, values } = await recording;
  const cut = (some: readonly Command[]) =>
    some.flatMap((command) => each(command)).map((command) => command.map((text) => cutOut(text, values)));
  return {
    reads: cut(commands.filter(isRead)),
    writes: cut(commands.filter((command) => !isRead(command))),
  };
}

/** What goes where the recorded account, ids and tokens were. Tokens are unique and as long as real ones. */
function valuesOf(prefix: string, key: string, call: number): readonly string[] {
  const ids = candidatesOf(call).map(({ id }) => id);
  const tokens = ids.map((_, index) => String(1_700_000_000_000_000 + call * BATCH + index));
  return [prefix, key, ...ids, ...tokens];
}

async function send(redis: Redis, commands: Pipeline, values: readonly string[]): Promise<void> {
  const pipeline = redis.pipeline();
  for (const [name = [], ...args] of commands) {
    pipeline.call(fillIn(name, values), ...args.map((argument) => fillIn(argument, values)));
  }
  const replies = (await pipeline.exec()) ?? [];
  for (const [error] of replies) if (error) throw error;
}
