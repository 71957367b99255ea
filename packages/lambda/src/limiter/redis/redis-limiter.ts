import {
  ConfigurationError,
  LimiterUnavailableError,
  systemClock,
  uuidIds,
  type Clock,
  type Ids,
} from '@huntaze/rate-limiter-client/contract';
import { logLength, memoryUs } from '../../limits/arithmetic.ts';
import { toRules } from '../../limits/rules.ts';
import {
  DEFAULT_REMEMBER_MS,
  MAX_FORGOTTEN,
  WAITER_GRACE_MS,
  type Admission,
  type AdmitRequest,
  type ColdStart,
  type Limiter,
  type Settlement,
  type SettleRequest,
} from '../limiter.ts';
import { messageOf } from '../../thrown.ts';
import { within } from '../../within.ts';
import { toAdmission, type Answer } from '../answer.ts';
import { giveBackLate } from '../give-back.ts';
import { PAUSE_HOLD_MS, PAUSE_MEMORY_MS, type LimiterOperations } from '../operations.ts';
import { firstPlace } from '../place.ts';
import admitDecide from './admit/decide.lua';
import admitPlaces from './admit/places.lua';
import admitState from './admit/state.lua';
import { redisOperations } from './redis-operations.ts';
import renewSource from './renew.lua';
import { script, type RedisClient, type Script } from './script.ts';
import settleSource from './settle.lua';

export interface RedisLimiterOptions {
  /** An ioredis or iovalkey connection (or cluster), or anything with the same `evalsha` and `eval`. Redis ≥ 7 or Valkey. */
  readonly redis: RedisClient & { readonly isCluster?: boolean };
  /** Start of every Redis key. Default `huntaze`. No braces: they mark the part that decides the cluster slot. */
  readonly prefix?: string;
  /** How long a finished message is remembered, so that a duplicate is recognised. Default 24 h. */
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
  /** This process's clock, into which answers are translated. Limits are kept by the Redis server's clock. */
  readonly clock?: Clock;
  /** For tests: tells Redis what time it is, instead of its own clock. */
  readonly serverClock?: Clock;
  readonly ids?: Ids;
}

const US_PER_MS = 1_000;
const admitScript = script(admitState, admitPlaces, admitDecide);
const renewScript = script(renewSource);
const settleScript = script(settleSource);

/**
 * A limiter shared by any number of processes: one script call per question, by one clock, the
 * server's. Works with Redis ≥ 7, Valkey and their clusters: all keys of an account share a slot.
 *
 * Limits hold through failovers and lost data: what the server may have forgotten counts as used up.
 * @throws {ConfigurationError} when the prefix holds braces.
 */
export function redisLimiter(options: RedisLimiterOptions): Limiter & LimiterOperations {
  const { redis, prefix = 'huntaze', rememberMs = DEFAULT_REMEMBER_MS, timeoutMs = 2_000 } = options;
  const { clock = systemClock, ids = uuidIds, serverClock } = options;
  const { coldStart = 'empty', shards = redis.isCluster ? CLUSTER_SHARDS : 1 } = options;
  const names = keyNames(prefix, shards);
  if (/[{}]/.test(prefix)) throw new ConfigurationError([`prefix: expected no braces, found ${prefix}`]);

  const serverNow = () => (serverClock ? String(Math.floor(serverClock.nowMs() * US_PER_MS)) : '0');
  const run = (name: string, { run: runScript }: Script, keys: readonly string[], args: readonly string[]) =>
    inTime(clock, timeoutMs, name, () => runScript(redis, keys, args));

  const decide = async (request: AdmitRequest): Promise<readonly Admission[]> => {
    const keys = names(request.key, request.candidates);
    const askedMs = clock.nowMs();
    const args = [serverNow(), ids.next(), ...admitArguments(request, rememberMs, coldStart)];
    const [decidedUs, ...answers] = (await admitScript.run(redis, keys, args)) as [number, ...AdmitReply[]];
    const moment = { askedMs, answeredMs: clock.nowMs(), decidedUs };
    return answers.map((answer, index) =>
      toAdmission(toAnswer(answer), request.key, request.candidates[index]!.id, moment),
    );
  };

  const limiter: Limiter & LimiterOperations = {
    ...redisOperations({
      clock,
      rememberMs,
      ask: (name, operation, key, messageIds, args) =>
        run(name, operation, names(key, messageIds.map(toMessage)), [serverNow(), ...args]),
    }),
    async admit(request) {
      const decision = decide(request);
      try {
        return await inTime(clock, timeoutMs, 'admit', () => decision);
      } catch (error) {
        void giveBackLate(limiter, request, decision);
        throw error;
      }
    },
    async settle(request) {
      const keys = names(request.key, request.settlements);
      const reply = await run('settle', settleScript, keys, [
        serverNow(),
        ...settleArguments(request, rememberMs),
      ]);
      return (reply as number[]).map((recorded) => recorded === 1);
    },
    async renew({ key, claims, leaseMs, marginMs }) {
      const reply = await run('renew', renewScript, names(key, claims), [
        serverNow(),
        ...[rememberMs, marginMs, leaseMs].map((ms) => String(ms * US_PER_MS)),
        ...claims.map(({ token }) => String(token)),
      ]);
      return (reply as number[]).map((renewed) => renewed === 1);
    },
  };
  return limiter;
}

/** Enough for clusters of any usual size to share the work evenly. */
const CLUSTER_SHARDS = 256;

/**
 * All keys of one shard share a hash tag, hence a cluster slot, and a generation: what is known of the
 * server's past. Colons inside an account's name are escaped, because they end it.
 */
function keyNames(prefix: string, shards: number) {
  return (key: string, messages: readonly { readonly id: string }[]): string[] => {
    const shard = `${prefix}:{${shardOf(key, shards)}}`;
    const account = `${shard}:${key.replace(/[:%]/g, encodeURIComponent)}`;
    return [
      ...['state', 'log', 'flight', 'line', 'due'].map((name) => `${account}:${name}`),
      `${shard}:generation`,
      ...messages.map(({ id }) => `${account}:message:${id}`),
    ];
  };
}

const toMessage = (id: string) => ({ id });

/** FNV-1a, which spreads similar names well (RFC 9923). */
function shardOf(key: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % shards;
}

function admitArguments(
  { limits, marginMs, candidates, leaseMs }: AdmitRequest,
  rememberMs: number,
  coldStart: ColdStart,
): string[] {
  const rules = toRules(limits, marginMs);
  return [
    leaseMs * US_PER_MS,
    rememberMs * US_PER_MS,
    memoryUs(rules),
    rules.marginUs,
    WAITER_GRACE_MS * US_PER_MS,
    MAX_FORGOTTEN,
    coldStart,
    rules.windows.length,
    rules.buckets.length,
    PAUSE_HOLD_MS * US_PER_MS,
    PAUSE_MEMORY_MS * US_PER_MS,
    ...rules.windows.flatMap(({ limit, windowUs }) => [limit, windowUs]),
    ...rules.buckets.flatMap(({ capacity, intervalUs }) => [capacity, intervalUs]),
    ...candidates.flatMap(({ id, priority }) => [id, firstPlace(priority)]),
  ].map(String);
}

function settleArguments({ limits, marginMs, settlements }: SettleRequest, rememberMs: number): string[] {
  const rules = toRules(limits, marginMs);
  return [
    rememberMs * US_PER_MS,
    memoryUs(rules),
    rules.marginUs,
    WAITER_GRACE_MS * US_PER_MS,
    logLength(rules),
    ...settlements.flatMap((settlement) => [
      settlement.id,
      settlement.token,
      settlement.outcome,
      delayMs(settlement) * US_PER_MS,
    ]),
  ].map(String);
}

function delayMs(settlement: Settlement): number {
  if (settlement.outcome === 'retry') return settlement.retryAfterMs;
  return settlement.outcome === 'release' ? settlement.holdMs : 0;
}

type AdmitReply =
  | ['granted', token: number, attempt: number, takeover: 0 | 1, leaseUntilUs: number]
  | ['wait', dueUs: number, position: number]
  | ['busy', retryUs: number]
  | ['settled', outcome: 'delivered' | 'dead'];

function toAnswer(reply: AdmitReply): Answer {
  switch (reply[0]) {
    case 'granted':
      return {
        kind: 'granted',
        token: reply[1],
        attempt: reply[2],
        takeover: reply[3] === 1,
        leaseUntilUs: reply[4],
      };
    case 'wait':
      return { kind: 'wait', dueUs: reply[1], position: reply[2] };
    case 'busy':
      return { kind: 'busy', retryUs: reply[1] };
    case 'settled':
      return { kind: 'settled', outcome: reply[1] };
  }
}

/** A command that does not answer in time may still run: no decision was reached as far as this process knows. */
async function inTime<Value>(
  clock: Clock,
  timeoutMs: number,
  name: string,
  answer: () => Promise<Value>,
): Promise<Value> {
  try {
    return await within(clock, timeoutMs, answer);
  } catch (error) {
    throw new LimiterUnavailableError(`expected Redis to answer ${name}, found: ${messageOf(error)}`, error);
  }
}
