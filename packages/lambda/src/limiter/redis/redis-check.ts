import type { LimiterCheck } from '../limiter.ts';
import checkLua from './lua/check.lua';
import { scriptOf } from './script.ts';
import { scripts } from './scripts.ts';
import type { Server } from './server.ts';

/** What stands in the way of a limiter, and what its Redis is. */
export interface RedisCheck extends LimiterCheck {
  /** Such as `Redis 7.2.5` or `Valkey 8.1.0`; undefined when it is not known. */
  readonly server: string | undefined;
  /** Whether the server is part of a cluster; undefined when it is not known. */
  readonly cluster: boolean | undefined;
  /** Such as `noeviction`; undefined when it is not known. */
  readonly evictionPolicy: string | undefined;
}

export interface CheckOptions {
  readonly server: Server;
  /** The start of every key. */
  readonly prefix: string;
  readonly shards: number;
  /** A key of the limiter. */
  readonly key: string;
}

/** What the scripts need: `#!lua`, and `PEXPIRE` with `GT` (https://redis.io/docs/latest/commands/pexpire/). */
const LEAST_VERSION = 7;

const check = scriptOf(checkLua);

/** Asks the server once. Never throws. */
export async function checkRedis({ server, prefix, shards, key }: CheckOptions): Promise<RedisCheck> {
  try {
    const reply = await server.answer(
      'a check',
      server.run(check, [key], [...commands.needed, ...commands.optional]),
    );
    return judge(reply as Reply, { server, prefix, shards });
  } catch (error) {
    const text = (error as Error).message;
    return { ...NOTHING_KNOWN, problems: [text, ...hints(text, prefix)], warnings: [] };
  }
}

type Reply = readonly [version: string, refused: readonly string[], unknown: readonly string[], info: string];

const NOTHING_KNOWN = { server: undefined, cluster: undefined, evictionPolicy: undefined };

function judge(
  [version, refused, unknown, info]: Reply,
  { server, prefix, shards }: Pick<CheckOptions, 'server' | 'prefix' | 'shards'>,
): RedisCheck {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\r?$`, 'm').exec(info)?.[1];
  const [missing, unasked] = [among(commands.needed, refused), among(commands.optional, refused)];
  const strange = among(commands.needed, unknown);
  const [number, valkey] = [field('redis_version') ?? version, field('valkey_version')];
  const cluster = field('cluster_enabled');
  const evictionPolicy = field('maxmemory_policy');
  const problems = [
    number !== '' &&
      Number.parseInt(number, 10) < LEAST_VERSION &&
      `expected Redis ${LEAST_VERSION} or later, or Valkey, found Redis ${number}`,
    strange.length > 0 && `expected the commands ${list(strange)}, found that the server does not know them`,
    missing.length > 0 &&
      `expected a user who may run ${list(missing)}, found that an ACL refuses them: ${grant(prefix, missing)}`,
    cluster === '1' && !server.isCluster && SINGLE_CLIENT,
  ];
  const warnings = [
    unasked.length > 0 &&
      `expected a user who may run ${list(unasked)}, found one who may not: the limiter does without, and some losses of data go unnoticed: ${grant(prefix, unasked)}`,
    evictionPolicy !== undefined &&
      evictionPolicy !== 'noeviction' &&
      `expected maxmemory-policy noeviction, found ${evictionPolicy}: what is evicted counts as used up, and paused keys resume`,
    server.isCluster &&
      shards === 1 &&
      'expected several shards for a cluster, found 1: one node does all the work',
  ];
  return {
    server: nameOf(number, valkey),
    cluster: cluster === undefined ? undefined : cluster === '1',
    evictionPolicy,
    problems: problems.filter((problem) => problem !== false),
    warnings: warnings.filter((warning) => warning !== false),
  };
}

const among = (names: readonly string[], found: readonly string[]) =>
  found.filter((name) => names.includes(name));

function nameOf(redis: string, valkey: string | undefined): string | undefined {
  if (valkey !== undefined) return `Valkey ${valkey}`;
  return redis === '' ? undefined : `Redis ${redis}`;
}

const SINGLE_CLIENT = 'expected a cluster client, found a single connection to a node of a cluster';

/** What to do about an error that does not say so itself. */
function hints(text: string, prefix: string): readonly string[] {
  if (/NOPERM|PermissionDenied/.test(text))
    return [
      `expected a user with the rights of the limiter: ${grant(prefix, [...commands.needed, ...commands.optional])}`,
    ];
  if (/MOVED/.test(text)) return [SINGLE_CLIENT];
  return [];
}

/** The command that grants commands to a user, and the keys that they are about. */
function grant(prefix: string, names: readonly string[]): string {
  return `ACL SETUSER <user> ~${prefix}:* ${names.map((name) => `+${name.toLowerCase()}`).join(' ')}`;
}

const list = (names: readonly string[]) => names.map((name) => name.toLowerCase()).join(', ');

/** The commands of the scripts, and those that run them. */
const commands = commandsOf(
  Object.values(scripts)
    .map(({ source }) => source)
    .join('\n'),
);

/** Those that are called must be there, those that are tried need not. */
function commandsOf(source: string): {
  readonly needed: readonly string[];
  readonly optional: readonly string[];
} {
  const named = (call: string) => [
    ...new Set(
      [...source.matchAll(new RegExp(String.raw`redis\.${call}\('([A-Z]+)'`, 'g'))].map(([, name]) => name!),
    ),
  ];
  const called = ['EVALSHA', 'EVAL', ...named('call').toSorted()];
  return { needed: called, optional: named('pcall').filter((name) => !called.includes(name)) };
}
