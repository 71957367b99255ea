import type { Clock, Metrics } from '@huntaze/rate-limiter-client/contract';
import { giveBack } from '../limiter/give-back.ts';
import type { Admission, AdmitRequest, Limiter } from '../limiter/limiter.ts';
import { memoryUs } from '../limits/arithmetic.ts';
import type { Limit } from '../limits/limit.ts';
import { toRules } from '../limits/rules.ts';
import { waitFor } from './after-outage.ts';
import { openOutages, type Outage } from './outages.ts';
import { ownLimiter } from './own-limiter.ts';
import { sharesOf } from './share.ts';

/**
 * Hears that a question was answered by this process alone.
 * @param error what the shared limiter had thrown.
 */
export type OnLocalAnswer = (error: unknown) => void;

/** A limiter that may have a stand-in. */
export interface StandInLimiter extends Limiter {
  admit(request: AdmitRequest, onLocalAnswer?: OnLocalAnswer): Promise<readonly Admission[]>;
}

export interface LocalShareOptions {
  /** Which part of each limit this process may use alone. */
  readonly share: number;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** While this process decides alone, the shared limiter is asked about each key again this often. */
const PROBE_EVERY_MS = 5_000;

/**
 * Decides in this process, by a share of each limit, while the limiter that all processes share has no answer.
 *
 * Between the two lies one window, on both sides, so that one process alone never exceeds a limit:
 * - nothing is admitted here until the shared limiter has been silent for a lease and a window, after which all that
 *   it admitted has arrived and left the windows. Until then its silence is thrown, and messages are parked;
 * - what the shared limiter grants when it answers again is given back, and its key held for all processes, until what
 *   was admitted here has left the windows.
 *
 * Processes do not see each other: while only some of them reach the shared limiter, a window may hold its limit and,
 * on top of it, the share of each process that does not, or had not until a window ago. Claims given here have negative
 * tokens, and the shared limiter never hears of them. What was made final here, and for how long the upstream asked for
 * silence here, this process alone knows, and goes by whoever decides.
 */
export function withLocalShare(
  shared: Limiter,
  { share, clock, metrics }: LocalShareOptions,
): StandInLimiter {
  const local = ownLimiter(clock);
  const outages = openOutages(clock);
  const endsIn = (key: string, token: number, forMs: number) =>
    void outages.find(key)?.ends.set(token, clock.monotonicMs() + forMs);

  const admitHere = async (request: AdmitRequest, limits: readonly Limit[]) => {
    const admissions = await local.admit({ ...request, limits });
    return admissions.map((admission): Admission => {
      if (admission.kind !== 'granted') return admission;
      const token = -admission.claim.token;
      endsIn(request.key, token, request.leaseMs);
      metrics.record('LocalAdmissions', 1);
      return { kind: 'granted', claim: { ...admission.claim, token } };
    });
  };
  const admitThere = async (request: AdmitRequest) => {
    const admissions = await shared.admit(request);
    const leftMs = outages.answered(request.key, windowMs(request));
    if (leftMs <= 0) return admissions;
    // Held for all processes. What cannot be given back runs out, and the key is asked about again.
    await giveBack(shared, request, admissions, Math.ceil(leftMs));
    return waitFor(leftMs, clock, admissions);
  };
  /** Repetitions of what was made final here are recognised here. */
  const admitNew = async (request: AdmitRequest) => {
    const known = await Promise.all(request.candidates.map((one) => local.final(request, one)));
    const candidates = request.candidates.filter((_, index) => !known[index]);
    const admissions = candidates[0] ? await admitThere({ ...request, candidates }) : [];
    const rest = admissions.values();
    return known.map((final) => final ?? rest.next().value!);
  };
  const isAlone = ({ sinceMs = Number.POSITIVE_INFINITY }: Outage, request: AdmitRequest) =>
    clock.monotonicMs() - sinceMs >= request.leaseMs + windowMs(request);

  return {
    async admit(request, onLocalAnswer) {
      const limits = sharesOf(request.limits, share);
      if (!limits) return await shared.admit(request);
      let outage = outages.find(request.key);
      if (!outage || !isAlone(outage, request) || clock.monotonicMs() >= outage.aloneUntilMs) {
        try {
          return await admitNew(request);
        } catch (error) {
          outage = outages.note(request.key, error);
          if (!outage || !isAlone(outage, request)) throw error;
          outage.aloneUntilMs = clock.monotonicMs() + PROBE_EVERY_MS;
        }
      }
      onLocalAnswer?.(outage.error);
      return await admitHere(request, limits);
    },
    settle: async (request) =>
      await inTwo(request.settlements, {
        async here(settlements) {
          for (const one of settlements) {
            // The key is held for as long as the upstream asks for silence, as if the delivery ended a window before.
            const holdMs = one.outcome === 'release' ? one.holdMs - windowMs(request) : 0;
            endsIn(request.key, -one.token, Math.max(0, holdMs));
          }
          const limits = sharesOf(request.limits, share) ?? request.limits;
          return await local.settle({ ...request, limits, settlements });
        },
        there: (settlements) => shared.settle({ ...request, settlements }),
      }),
    renew: async (request) =>
      await inTwo(request.claims, {
        async here(claims) {
          for (const { token } of claims) endsIn(request.key, -token, request.leaseMs);
          return await local.renew({ ...request, claims });
        },
        async there(claims) {
          const renewed = await shared.renew({ ...request, claims });
          // What it has granted goes on: the silence after which all of that is over has yet to begin.
          if (renewed.includes(true)) outages.answered(request.key, Number.POSITIVE_INFINITY);
          return renewed;
        },
      }),
  };
}

function windowMs({ limits, marginMs }: Pick<AdmitRequest, 'limits' | 'marginMs'>): number {
  return Math.ceil(memoryUs(toRules(limits, marginMs)) / 1_000);
}

/** Sends claims that were given here, with their own tokens, to the one limiter and the rest to the other. */
async function inTwo<Item extends { readonly token: number }>(
  items: readonly Item[],
  to: Readonly<Record<'here' | 'there', (items: readonly Item[]) => Promise<readonly boolean[]>>>,
): Promise<readonly boolean[]> {
  const here = items.filter(({ token }) => token < 0).map((item) => ({ ...item, token: -item.token }));
  const there = items.filter(({ token }) => token >= 0);
  const answers = [here[0] ? await to.here(here) : [], there[0] ? await to.there(there) : []].map((some) =>
    some.values(),
  );
  return items.map(({ token }) => answers[token < 0 ? 0 : 1]!.next().value ?? false);
}
