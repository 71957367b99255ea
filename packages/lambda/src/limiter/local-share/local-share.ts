import type { Clock, Metrics } from '@huntaze/rate-limiter-client/contract';
import { releaseClaims } from '../release-claims.ts';
import type { Admission, AdmitRequest, Candidate, Limiter } from '../limiter.ts';
import { memoryUs } from '../usage/usage.ts';
import type { Limit } from '../limits/limit.ts';
import { toRules } from '../limits/rules.ts';
import { waitFor } from './after-outage.ts';
import { openOutages } from './outages.ts';
import { sharesOf } from './share.ts';

/** The limiter of one process that decides alone. */
export interface LocalLimiter extends Limiter {
  /** What to answer, whoever decides, when it has made this message final. */
  final(request: AdmitRequest, candidate: Candidate): Promise<Admission | undefined>;
}

/** A limiter that may have a stand-in. */
export interface StandInLimiter extends Limiter {
  /** @param onLocalAnswer called with what the shared limiter threw when this process answers alone. */
  admit(request: AdmitRequest, onLocalAnswer?: (error: unknown) => void): Promise<readonly Admission[]>;
}

/** What a silence is about. */
type About = Pick<AdmitRequest, 'limits' | 'marginMs' | 'leaseMs'>;

/** What this process saw of the shared limiter. */
export interface SilenceWatch {
  /**
   * How long calls about the part of a key have failed, from the first failure to the last. A gap without calls that is
   * longer than `gapMs`, rounded down to a power of two in seconds, starts the count again. An answer to any call ends it.
   */
  silentMs(asked: Pick<AdmitRequest, 'key' | 'queue'>, gapMs: number): number;
  /** How long ago the last call about the part of a key began. Infinite where there was none. */
  unaskedMs(asked: Pick<AdmitRequest, 'key' | 'queue'>): number;
}

export interface LocalShareOptions {
  /** Decides while the shared limiter does not: see `localLimiter`. */
  readonly local: LocalLimiter;
  /** Which part of each limit this process may use alone. */
  readonly share: number;
  readonly parts: SilenceWatch;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/** Of the silence that is needed, the longest part in which nobody asked. */
const LONGEST_GAP = 1 / 4;

/**
 * While this process decides alone, the part of a key is asked again so long after the last question began, or as soon
 * as that one is over and the limiter is ready for another one.
 */
const ASK_AGAIN_MS = 5_000;

/**
 * Decides in this process, by a share of each limit, while the limiter that all processes share has no answer.
 *
 * Between the two lies one window, on both sides, so that one process alone never exceeds a limit:
 * - nothing is admitted here until the shared limiter was seen silent for a lease and a window, question after question,
 *   after which all that it admitted has arrived and left the windows. Until then its silence is thrown, and messages are
 *   parked. An answer to any call begins it anew, and so does a time without any;
 * - what the shared limiter grants when it answers again is given back, and its key held for all processes, until what
 *   was admitted here has left the windows.
 *
 * Processes do not see each other: while only some of them reach the shared limiter, a window may hold its limit and,
 * on top of it, the share of each process that does not, or had not until a window ago. Claims granted here have negative
 * tokens, which the shared limiter never sees. Only this process knows which messages became final here, and how long the
 * upstream throttled it here. It applies both, whichever limiter decides.
 */
export function withLocalShare(shared: Limiter, { share, parts, clock, metrics, local }: LocalShareOptions) {
  const outages = openOutages(clock);
  const endsIn = (key: string, token: number, forMs: number) =>
    void outages.find(key)?.ends.set(token, clock.monotonicMs() + forMs);

  const admitHere = async (request: AdmitRequest, limits: readonly Limit[]) => {
    const admissions = await local.admit({ ...request, limits });
    return admissions.map((admission): Admission => {
      if (admission.kind === 'condemned') return { ...admission, token: -admission.token };
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
    await releaseClaims(shared, request, admissions, Math.ceil(leftMs));
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
  const isAlone = (request: AdmitRequest) => {
    const neededMs = silenceMs(request);
    return parts.silentMs(request, neededMs * LONGEST_GAP) >= neededMs;
  };
  const isToBeAsked = (request: AdmitRequest) =>
    parts.unaskedMs(request) >= Math.min(ASK_AGAIN_MS, askEveryMs(request));
  /** How often to ask at least, lest a gap hides that a silence goes on. Infinite where nothing can be admitted here. */
  const askEveryMs = (about: About): number =>
    sharesOf(about.limits, share) ? silenceMs(about) * (LONGEST_GAP / 4) : Number.POSITIVE_INFINITY;

  const standIn: StandInLimiter = {
    async admit(request, onLocalAnswer) {
      const limits = sharesOf(request.limits, share);
      if (!limits) return await shared.admit(request);
      let outage = outages.find(request.key);
      if (!outage || !isAlone(request) || isToBeAsked(request)) {
        try {
          return await admitNew(request);
        } catch (error) {
          outage = isAlone(request) ? outages.note(request.key, error) : undefined;
          if (!outage) throw error;
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
        there: (claims) => shared.renew({ ...request, claims }),
      }),
  };
  return { ...standIn, askEveryMs };
}

/** After so much silence all that the shared limiter admitted has arrived and left the windows. */
function silenceMs(about: About): number {
  return about.leaseMs + windowMs(about);
}

function windowMs({ limits, marginMs }: Pick<AdmitRequest, 'limits' | 'marginMs'>): number {
  return Math.ceil(memoryUs(toRules(limits, marginMs)) / 1_000) + marginMs;
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
