import { systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import { requireOptions, type Check } from '../../checks.ts';
import { memoryUs } from '../../limits/arithmetic.ts';
import { toRules, US_PER_MS, type Rules } from '../../limits/rules.ts';
import { toAdmission } from '../answer.ts';
import { DEFAULT_REMEMBER_MS, HISTORY_MS, type ColdStart, type Limiter } from '../limiter.ts';
import { memoryChecks } from '../memory-checks.ts';
import { PAUSE_MEMORY_MS, type LimiterOperations } from '../operations.ts';
import { toKeyInspection, toWhereabouts } from '../standing.ts';
import { KeyState } from './key-state.ts';

export interface MemoryLimiterOptions {
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
export function memoryLimiter(options: MemoryLimiterOptions = {}): Limiter & LimiterOperations {
  requireOptions(memoryChecks satisfies Record<keyof MemoryLimiterOptions, Check>, options);
  const { rememberMs = DEFAULT_REMEMBER_MS, coldStart = 'full', clock = systemClock } = options;
  const keys = new Map<string, { readonly state: KeyState; readonly memoryUs: number }>();
  const nowUs = () => Math.floor(clock.nowMs() * 1_000);
  let firstAskedUs: number | undefined;

  const newState = () => new KeyState(rememberMs * 1_000, () => firstAskedUs);

  /** The key, or one that nothing is known of. */
  const known = (key: string): { readonly state: KeyState; readonly memoryUs: number } => {
    const found = keys.get(key);
    return found && !found.state.isForgettable(found.memoryUs, nowUs())
      ? found
      : { state: newState(), memoryUs: 0 };
  };

  /** Takes the key out and puts it last, so that the first ones are those silent for longest. */
  const stateOf = (key: string, keepUs: number): KeyState => {
    const { state, memoryUs: keptUs } = known(key);
    keys.delete(key);
    keys.set(key, { state, memoryUs: Math.max(keptUs, keepUs) });
    return state;
  };

  const after = (atUs: number) => (instantUs: number) =>
    clock.nowMs() + Math.ceil((instantUs - atUs) / 1_000);

  /** Looks at the key that was silent for longest: one in, at least one looked at, so memory stays bounded. */
  const forgetSilentKeys = (clockUs: number): void => {
    for (const [key, { state, memoryUs: keepUs }] of keys) {
      if (!state.isForgettable(keepUs, clockUs)) return;
      keys.delete(key);
    }
  };

  return {
    async admit({ key, limits, marginMs, candidates, leaseMs, agingMs = 0 }) {
      const rules = toRules(limits, marginMs);
      const clockUs = nowUs();
      // A clock that steps back must not make the past reach into the future.
      if (coldStart === 'empty') firstAskedUs = Math.min(firstAskedUs ?? clockUs, clockUs);
      const state = stateOf(key, keptUs(rules));
      const times = { leaseUs: leaseMs * 1_000, agingUs: agingMs * 1_000 };
      const { nowUs: decidedUs, answers } = state.admit(rules, candidates, times, clockUs);
      forgetSilentKeys(clockUs);
      const moment = { askedMs: clockUs / 1_000, answeredMs: clock.nowMs(), decidedUs };
      return answers.map((answer, index) => toAdmission(answer, key, candidates[index]!.id, moment));
    },
    async settle({ key, limits, marginMs, settlements }) {
      const rules = toRules(limits, marginMs);
      return stateOf(key, keptUs(rules)).settle(rules, settlements, nowUs());
    },
    async renew({ key, claims, leaseMs }) {
      return stateOf(key, HISTORY_MS * US_PER_MS).renew(claims, leaseMs * 1_000, nowUs());
    },
    async inspect(key) {
      const { nowUs: atUs, inspection } = known(key).state.inspect(nowUs());
      return toKeyInspection(inspection, after(atUs));
    },
    async find(key, messageId) {
      const { nowUs: atUs, standing } = known(key).state.find(messageId, nowUs());
      return toWhereabouts(standing, after(atUs));
    },
    async pause(key) {
      stateOf(key, HISTORY_MS * US_PER_MS).pause(PAUSE_MEMORY_MS * US_PER_MS, nowUs());
    },
    async resume(key) {
      known(key).state.pause(0, nowUs());
    },
    async cancel(key, messageId) {
      return stateOf(key, HISTORY_MS * US_PER_MS).cancel(messageId, nowUs());
    },
  };
}

/** How long what these rules count is remembered. */
const keptUs = (rules: Rules) => Math.max(HISTORY_MS * US_PER_MS, memoryUs(rules));
