import {
  systemRandom,
  uuidIds,
  type Clock,
  type Ids,
  type Random,
} from '@huntaze/rate-limiter-client/contract';
import { having, readOptions, whole } from '../../checks/checks.ts';
import { askedOf, toAdmission, type Answer } from '../clock-domains.ts';
import { eachIdOnce } from '../each-id-once.ts';
import { naming } from '../identity.ts';
import {
  UNFINISHED_MEMORY_MS,
  type Admission,
  type AdmitRequest,
  type Claimed,
  type ColdStart,
  type Limiter,
} from '../limiter.ts';
import { toRules, US_PER_MS, type Rules } from '../limits/rules.ts';
import type { LimiterOperations, UpstreamOperations } from '../operations.ts';
import { releaseClaims } from '../release-claims.ts';
import { sharedTable } from '../shared-options.ts';
import { keyAccess } from './key-access.ts';
import type { KeyStateStore } from './key-state-store.ts';
import type { About, Sight } from './stored-key.ts';
import { storedOperations } from './stored-operations.ts';

export interface StoredLimiterOptions {
  /** Where what is known of each key is kept. */
  readonly store: KeyStateStore;
  /**
   * The upstream whose limit is kept, such as `onlyfans`. Messages of all queues whose limiters have the same name and
   * store share one budget per key; their ids are kept apart by queue. Name it wherever two queues lead to one upstream.
   * Default: none; every queue has a budget of its own.
   */
  readonly upstream?: string;
  /** How long a finished message is remembered, so that a duplicate is recognised. Default 24 h. */
  readonly rememberMs?: number;
  /** Default `empty`: once on a new store, and after it lost its data, every key waits one window. See {@link ColdStart}. */
  readonly coldStart?: ColdStart;
  /**
   * By how much the clocks of any two processes may differ, in milliseconds: every window and lease is kept so much
   * longer. Matters only with a store that has no clock of its own. Default 500; hosts of AWS are well within 10.
   */
  readonly clockSkewMs?: number;
  /** How long a question may take in all, with every repetition, before it counts as unanswered. Default 2,000. */
  readonly timeoutMs?: number;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Draws the pauses between lost races. Default: `Math.random`. */
  readonly random?: Random;
  /** Names each write. Unique across processes. Default: UUID version 4. */
  readonly ids?: Ids;
}

const table = {
  store: { check: having('beganMs', 'read', 'write') },
  ...sharedTable,
  coldStart: { ...sharedTable.coldStart, default: 'empty' as const },
  clockSkewMs: { check: whole(0, 60_000), default: 500 },
  timeoutMs: { check: whole(1, 60_000), default: 2_000 },
  random: { check: having('next'), default: systemRandom },
  ids: { check: having('next'), default: uuidIds },
};

/**
 * A limiter in a database that any number of processes share: each question reads a key's state, decides as
 * `memoryLimiter` does, and writes the state back if nobody else did meanwhile; otherwise it reads again.
 *
 * Limits hold as on Redis: what the store may have forgotten counts as used up. Positions in a long queue, and so due
 * times, are about right (see `docs/limiters.md`).
 * @throws {ConfigurationError} with every problem of the options.
 */
export function storedLimiter(
  options: StoredLimiterOptions & { readonly upstream: string },
): Limiter & UpstreamOperations;
export function storedLimiter(options: StoredLimiterOptions): Limiter & LimiterOperations;
export function storedLimiter(options: StoredLimiterOptions): Limiter & LimiterOperations {
  const filled = readOptions(table, options);
  const { store, upstream, rememberMs, coldStart, clock, clockSkewMs, timeoutMs, random, ids } = filled;
  const names = naming(upstream);
  const skewUs = clockSkewMs * US_PER_MS;
  const sight: Sight = {
    rememberUs: rememberMs * US_PER_MS,
    unfinishedUs: UNFINISHED_MEMORY_MS * US_PER_MS,
    clockSkewUs: skewUs,
  };
  const keys = keyAccess({ store, sight, coldStart, clock, random, ids, timeoutMs });

  const decide = async (request: AdmitRequest): Promise<readonly Admission[]> => {
    const { limits, marginMs, leaseMs, agingMs = 0 } = request;
    const rules = skewed(toRules(limits, marginMs), skewUs);
    const candidates = names.messages(request, request.candidates);
    const times = { leaseUs: leaseMs * US_PER_MS + skewUs, agingUs: agingMs * US_PER_MS };
    const about = { ids: candidates.map(({ id }) => id) };
    const askedMs = clock.nowMs();
    const { nowUs, answers } = await keys.change(names.account(request), about, (state, clockUs) =>
      state.admit(rules, candidates, times, clockUs),
    );
    const moment = { askedMs, answeredMs: clock.nowMs(), decidedUs: nowUs };
    const asked = askedOf(request);
    return answers.map((answer, index) => toAdmission(forAsker(answer, skewUs), asked[index]!, moment));
  };

  const limiter: Limiter & LimiterOperations = {
    upstream,
    ...storedOperations(clock, names, keys),
    async admit(request) {
      const decision = eachIdOnce(clock, request, decide);
      try {
        return await keys.answer('admit', decision);
      } catch (error) {
        void releaseClaims(limiter, request, decision);
        throw error;
      }
    },
    settle(request) {
      const rules = skewed(toRules(request.limits, request.marginMs), skewUs);
      const settlements = names.messages(request, request.settlements);
      const settling = keys.change(names.account(request), claimsOf(settlements), (state, clockUs) =>
        state.settle(rules, settlements, clockUs),
      );
      return keys.answer('settle', settling);
    },
    renew(request) {
      const claims = names.messages(request, request.claims);
      const leaseUs = request.leaseMs * US_PER_MS + skewUs;
      const renewing = keys.change(names.account(request), claimsOf(claims), (state, clockUs) =>
        state.renew(claims, leaseUs, clockUs),
      );
      return keys.answer('renew', renewing);
    },
  };
  return limiter;
}

/** Windows as they must be kept where a delivery may be written down too early by as much as two clocks differ. */
function skewed(rules: Rules, skewUs: number): Rules {
  return {
    ...rules,
    windows: rules.windows.map((window) => ({ ...window, windowUs: window.windowUs + skewUs })),
  };
}

/** A claim ends for who holds it before it ends for the others. */
function forAsker(answer: Answer, skewUs: number): Answer {
  return answer.kind === 'granted' ? { ...answer, leaseUntilUs: answer.leaseUntilUs - skewUs } : answer;
}

function claimsOf(claims: readonly Claimed[]): About {
  return {
    ids: claims.map(({ id }) => id),
    tokens: new Map(claims.map(({ id, token }) => [id, token])),
  };
}
