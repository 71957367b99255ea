import { answerInTime, errorMessage } from '@huntaze/kit';
import {
  LimiterUnavailableError,
  systemClock,
  uuidIds,
  type Clock,
} from '@huntaze/rate-limiter-client/contract';
import { requireOptions } from '../../checks/checks.ts';
import { askedOf, toAdmission } from '../clock-domains.ts';
import { releaseClaims } from '../release-claims.ts';
import { eachIdOnce } from '../each-id-once.ts';
import { naming } from '../identity.ts';
import { DEFAULT_REMEMBER_MS, type Admission, type AdmitRequest, type Limiter } from '../limiter.ts';
import type { LimiterOperations, UpstreamOperations } from '../operations.ts';
import { keyNames } from './keys.ts';
import { admitArguments, readAdmitReply, renewArguments, settleArguments } from './protocol.ts';
import { leaveDemoted } from './reconnect.ts';
import { redisChecks, type RedisLimiterOptions } from './redis-options.ts';
import { redisOperations } from './redis-operations.ts';
import type { Script } from './script.ts';
import { scripts } from './scripts.ts';
import { serverClocks } from './server-clock.ts';
import { timeSource } from './time-source.ts';

/**
 * A limiter shared by any number of processes: one script call per question, by one clock, the
 * server's. Works with Redis ≥ 7, Valkey and their clusters: all keys of an account share a slot.
 *
 * Limits hold through failovers and lost data: what the server may have forgotten counts as used up.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function redisLimiter(
  options: RedisLimiterOptions & { readonly upstream: string },
): Limiter & UpstreamOperations;
export function redisLimiter(options: RedisLimiterOptions): Limiter & LimiterOperations;
export function redisLimiter(options: RedisLimiterOptions): Limiter & LimiterOperations {
  requireOptions(redisChecks, options);
  const {
    redis,
    upstream,
    prefix = 'huntaze',
    rememberMs = DEFAULT_REMEMBER_MS,
    timeoutMs = 2_000,
  } = options;
  const { clock = systemClock, ids = uuidIds, serverClock } = options;
  const { coldStart = 'empty', shards = redis.isCluster ? CLUSTER_SHARDS : 1 } = options;
  const names = naming(upstream);
  const namesOf = keyNames(prefix, shards);
  const timed = serverClocks(clock);
  const time = timeSource(clock, serverClock);
  const failed = leaveDemoted(redis, clock);
  const run = async (operation: Script, keys: readonly string[], args: Arguments): Promise<unknown> => {
    const now = time.argument();
    try {
      return await operation.run(redis, keys, [now, ...args()]);
    } catch (error) {
      if (time.isWithheld(now, error)) return await run(operation, keys, args);
      failed(error);
      throw error;
    }
  };
  const ask = (name: string, operation: Script, account: string, args: Arguments) =>
    answerOf(clock, timeoutMs, name, run(operation, namesOf(account), args));

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

  const limiter: Limiter & LimiterOperations = {
    upstream,
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
        return await answerOf(clock, timeoutMs, 'admit', decision);
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
      return (reply as number[]).map((recorded) => recorded === 1);
    },
    async renew(request) {
      const claims = names.messages(request, request.claims);
      const args = () => renewArguments({ ...request, claims }, rememberMs);
      const reply = await ask('renew', scripts.renew, names.account(request), args);
      return (reply as number[]).map((renewed) => renewed === 1);
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

/** A command that does not answer in time may still run: no decision was reached as far as this process knows. */
async function answerOf<Value>(
  clock: Clock,
  timeoutMs: number,
  name: string,
  answer: Promise<Value>,
): Promise<Value> {
  try {
    return await answerInTime({ clock, timeoutMs }, answer);
  } catch (error) {
    throw new LimiterUnavailableError(
      `expected Redis to answer ${name}, found: ${errorMessage(error)}`,
      error,
    );
  }
}
