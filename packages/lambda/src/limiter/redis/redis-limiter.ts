import { systemClock, uuidIds, type Clock } from '@huntaze/rate-limiter-client/contract';
import { requireOptions } from '../../checks/checks.ts';
import { askedOf, toAdmission } from '../clock-domains.ts';
import { releaseClaims } from '../release-claims.ts';
import { eachIdOnce } from '../each-id-once.ts';
import { naming } from '../identity.ts';
import { DEFAULT_REMEMBER_MS, type Admission, type AdmitRequest, type Limiter } from '../limiter.ts';
import type { LimiterOperations, UpstreamOperations } from '../operations.ts';
import { keyNames } from './keys.ts';
import { admitArguments, readAdmitReply, renewArguments, settleArguments } from './protocol.ts';
import { checkRedis, type RedisCheck } from './redis-check.ts';
import { redisChecks, type RedisLimiterOptions } from './redis-options.ts';
import { redisOperations } from './redis-operations.ts';
import type { Script } from './script.ts';
import { scripts } from './scripts.ts';
import { serverClocks } from './server-clock.ts';
import { openServer } from './server.ts';
import { timeSource } from './time-source.ts';

/** What `redisLimiter` returns: a limiter, what operators ask of it, and what it finds out about its server. */
export interface RedisLimiter extends Limiter, LimiterOperations {
  /**
   * Finds out, without changing anything, whether the server answers, is of a version that serves, and lets its user run
   * what the limiter needs. Never throws: what is wrong is in `problems`, with what to do about it.
   */
  check(): Promise<RedisCheck>;
}

/**
 * A limiter shared by any number of processes: one script call per question, by one clock, the
 * server's. Works with Redis ≥ 7, Valkey and their clusters: all keys of an account share a slot.
 *
 * Limits hold through failovers and lost data: what the server may have forgotten counts as used up.
 *
 * It listens to the client's `error` events, so that its own errors say why a connection failed, and has a single
 * connection made anew when its server was demoted or does not answer any more.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function redisLimiter(
  options: RedisLimiterOptions & { readonly upstream: string },
): Omit<RedisLimiter, keyof LimiterOperations> & UpstreamOperations;
export function redisLimiter(options: RedisLimiterOptions): RedisLimiter;
export function redisLimiter(options: RedisLimiterOptions): RedisLimiter {
  requireOptions(redisChecks, options);
  const {
    redis,
    upstream,
    prefix = 'huntaze',
    rememberMs = DEFAULT_REMEMBER_MS,
    timeoutMs = 2_000,
  } = options;
  const { clock = systemClock, ids = uuidIds, serverClock } = options;
  const server = openServer({ redis, clock, timeoutMs, explain: () => explanations() });
  const { coldStart = 'empty', shards = server.isCluster ? CLUSTER_SHARDS : 1 } = options;
  const names = naming(upstream);
  const namesOf = keyNames(prefix, shards);
  const timed = serverClocks(clock);
  const time = timeSource(clock, serverClock);
  const run = async (operation: Script, keys: readonly string[], args: Arguments): Promise<unknown> => {
    const now = time.argument();
    try {
      return await server.run(operation, keys, [now, ...args()]);
    } catch (error) {
      if (time.isWithheld(now, error)) return await run(operation, keys, args);
      throw error;
    }
  };
  const ask = (name: string, operation: Script, account: string, args: Arguments) =>
    server.answer(name, run(operation, namesOf(account), args));
  const check = () =>
    checkRedis({
      server: openServer({ redis, clock, timeoutMs }),
      prefix,
      shards,
      key: namesOf('check')[0]!,
    });
  const explanations = onceAMinute(clock, async () => (await check()).problems);

  /** @param jumpUs what was learnt of a jump of the server's clock. */
  const decide = async (request: AdmitRequest, jumpUs = 0): Promise<readonly Admission[]> => {
    const candidates = names.messages(request, request.candidates);
    const askedMs = clock.nowMs();
    const keys = namesOf(names.account(request));
    const { heardUs, aheadMs, answered } = timed(keys.at(-1)!);
    const owner = ids.next().slice(-OWNER_LENGTH);
    const args = () =>
      admitArguments(
        { ...request, limits: time.limits(request.limits), candidates },
        { owner, rememberMs, coldStart, jumpUs, heardUs, aheadMs },
      );
    const reply = (await run(scripts.admit, keys, args)) as string;
    const { decidedUs, serverUs, othersAheadMs, answers } = readAdmitReply(
      reply,
      candidates,
      aheadMs === '?',
    );
    const latestUs = answered(serverUs, othersAheadMs);
    const moment = { askedMs, answeredMs: clock.nowMs(), decidedUs };
    const asked = askedOf(request);
    const admissions = answers.map((answer, index) => toAdmission(answer, asked[index]!, moment));
    if (latestUs === undefined || jumpUs > 0 || coldStart === 'full') return admissions;
    // Slots seem free that are not: nothing of this is used, and the server is told what its clock did.
    await releaseClaims(limiter, request, admissions);
    return await decide(request, latestUs);
  };

  const limiter: RedisLimiter = {
    upstream,
    check,
    ...redisOperations({
      clock,
      rememberMs,
      names,
      ask: (name, operation, account, args) => ask(name, operation, account, () => args),
    }),
    // All keys of a shard share its generation, and a server.
    partOf: (asked) => namesOf(names.account(asked)).at(-1)!,
    async admit(request) {
      const decision = eachIdOnce(clock, request, (asked) => decide(asked));
      try {
        return await server.answer('admit', decision);
      } catch (error) {
        void releaseClaims(limiter, request, decision);
        throw error;
      }
    },
    async settle(request) {
      const settlements = names.messages(request, request.settlements);
      const args = () =>
        settleArguments({ ...request, limits: time.limits(request.limits), settlements }, rememberMs);
      const reply = await ask('settle', scripts.settle, names.account(request), args);
      return (reply as unknown[]).map((recorded) => Number(recorded) === 1);
    },
    async renew(request) {
      const claims = names.messages(request, request.claims);
      const args = () => renewArguments({ ...request, claims }, rememberMs);
      const reply = await ask('renew', scripts.renew, names.account(request), args);
      return (reply as unknown[]).map((renewed) => Number(renewed) === 1);
    },
  };
  return limiter;
}

/** Asked for again where it is learnt that the server tells no time. */
type Arguments = () => readonly string[];

/** Short, since Redis holds it with every claim; the end of an id is its random part, 48 bits of it. */
const OWNER_LENGTH = 12;

/** Enough for clusters of any usual size to share the work evenly. */
const CLUSTER_SHARDS = 256;

/** Keeps an answer for a minute: whoever asks meanwhile gets the same. */
function onceAMinute<Answer>(clock: Clock, ask: () => Promise<Answer>): () => Promise<Answer> {
  let kept: { readonly answer: Promise<Answer>; readonly untilMs: number } | undefined;
  return () => {
    const nowMs = clock.monotonicMs();
    if (!kept || nowMs >= kept.untilMs) kept = { answer: ask(), untilMs: nowMs + 60_000 };
    return kept.answer;
  };
}
