import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { readOptions } from '../../checks/checks.ts';
import { memoryUs } from '../usage/usage.ts';
import { toRules, US_PER_MS, type Rules } from '../limits/rules.ts';
import { askedOf, toAdmission } from '../clock-domains.ts';
import { eachIdOnce } from '../each-id-once.ts';
import { naming } from '../identity.ts';
import {
  HISTORY_MS,
  UNFINISHED_MEMORY_MS,
  type Admission,
  type AdmitRequest,
  type ColdStart,
  type Limiter,
} from '../limiter.ts';
import { sharedTable } from '../shared-options.ts';
import { PAUSE_MEMORY_MS, type LimiterOperations, type UpstreamOperations } from '../operations.ts';
import { KeyState } from '../key/key-state.ts';
import { PagedRecords } from './paged-records.ts';
import { SortedWaitQueue } from './sorted-wait-queue.ts';

export interface MemoryLimiterOptions {
  /**
   * The upstream whose limit is kept, such as `onlyfans`. Messages of all queues that this limiter
   * serves share one budget per key; their ids are kept apart by queue. Name it wherever two queues lead to one
   * upstream. Default: none; every queue has a budget of its own.
   */
  readonly upstream?: string;
  /** How long a finished message is remembered at least, so that a duplicate is recognised. Default 24 h. */
  readonly rememberMs?: number;
  /** Default `full`: a process that starts again does not keep its developer waiting. See {@link ColdStart}. */
  readonly coldStart?: ColdStart;
  /** Default: the system's clock. */
  readonly clock?: Clock;
}

/**
 * A limiter in this process's memory: for development, tests and single-process workers. It knows
 * nothing of other processes and forgets everything when it ends; production uses `redisLimiter`.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function memoryLimiter(
  options: MemoryLimiterOptions & { readonly upstream: string },
): Limiter & UpstreamOperations;
export function memoryLimiter(options?: MemoryLimiterOptions): Limiter & LimiterOperations;
export function memoryLimiter(options: MemoryLimiterOptions = {}): Limiter & LimiterOperations {
  const { upstream, rememberMs, coldStart = 'full', clock } = readOptions(sharedTable, options);
  const names = naming(upstream);
  const accounts = new Map<string, { readonly state: KeyState; readonly memoryUs: number }>();
  const nowUs = () => Math.floor(clock.nowMs() * 1_000);
  let firstAskedUs: number | undefined;

  const newState = () =>
    new KeyState({
      records: new PagedRecords(rememberMs * US_PER_MS, UNFINISHED_MEMORY_MS * US_PER_MS),
      queue: new SortedWaitQueue(),
      unknownBeforeUs: (skewUs) => (firstAskedUs === undefined ? undefined : firstAskedUs + skewUs),
    });

  /** The account, or one that nothing is known of. */
  const known = (account: string): { readonly state: KeyState; readonly memoryUs: number } => {
    const found = accounts.get(account);
    return found && !found.state.isForgettable(found.memoryUs, nowUs())
      ? found
      : { state: newState(), memoryUs: 0 };
  };

  /** Takes the account out and puts it last, so that the first ones are those silent for longest. */
  const stateOf = (account: string, keepUs: number): KeyState => {
    const { state, memoryUs: keptUs } = known(account);
    accounts.delete(account);
    accounts.set(account, { state, memoryUs: Math.max(keptUs, keepUs) });
    return state;
  };

  const after = (atUs: number) => (instantUs: number) =>
    clock.nowMs() + Math.ceil((instantUs - atUs) / 1_000);

  /** Looks at the account that was silent for longest: one in, at least one looked at, so memory stays bounded. */
  const forgetSilentAccounts = (clockUs: number): void => {
    for (const [account, { state, memoryUs: keepUs }] of accounts) {
      if (!state.isForgettable(keepUs, clockUs)) return;
      accounts.delete(account);
    }
  };

  const admit = async (request: AdmitRequest): Promise<readonly Admission[]> => {
    const { limits, marginMs, candidates, leaseMs, agingMs = 0 } = request;
    const rules = toRules(limits, marginMs);
    const clockUs = nowUs();
    // A clock that steps back must not make the past reach into the future.
    if (coldStart === 'empty') firstAskedUs = Math.min(firstAskedUs ?? clockUs, clockUs);
    const state = stateOf(names.account(request), keptUs(rules));
    const times = { leaseUs: leaseMs * 1_000, agingUs: agingMs * 1_000 };
    const decision = state.admit(rules, names.messages(request, candidates), times, clockUs);
    forgetSilentAccounts(clockUs);
    const moment = { askedMs: clockUs / 1_000, answeredMs: clock.nowMs(), decidedUs: decision.nowUs };
    const asked = askedOf(request);
    return decision.answers.map((answer, index) => toAdmission(answer, asked[index]!, moment));
  };

  return {
    upstream,
    admit: (request) => eachIdOnce(clock, request, admit),
    async settle(request) {
      const rules = toRules(request.limits, request.marginMs);
      const settlements = names.messages(request, request.settlements);
      return stateOf(names.account(request), keptUs(rules)).settle(rules, settlements, nowUs());
    },
    async renew(request) {
      const claims = names.messages(request, request.claims);
      const leaseUs = request.leaseMs * US_PER_MS;
      return stateOf(names.account(request), HISTORY_MS * US_PER_MS).renew(claims, leaseUs, nowUs());
    },
    async inspect(key, of) {
      const account = names.account(names.byOperator(key, of));
      return known(account).state.inspect(nowUs(), after);
    },
    async find(key, id, of) {
      const { account, message } = names.messageByOperator(key, id, of);
      return known(account).state.find(message, nowUs(), after);
    },
    async pause(key, of) {
      const account = names.account(names.byOperator(key, of));
      stateOf(account, HISTORY_MS * US_PER_MS).pause(PAUSE_MEMORY_MS * US_PER_MS, nowUs());
    },
    async resume(key, of) {
      known(names.account(names.byOperator(key, of))).state.pause(0, nowUs());
    },
    async cancel(key, id, of) {
      const { account, message } = names.messageByOperator(key, id, of);
      return stateOf(account, HISTORY_MS * US_PER_MS).cancel(message, nowUs());
    },
  };
}

/** How long what these rules count is remembered. */
const keptUs = (rules: Rules) => Math.max(HISTORY_MS * US_PER_MS, memoryUs(rules));
