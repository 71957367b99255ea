import { boundedLimiter, type MeasuredBounds } from './bounded-limiter.ts';
import { groupProblems, isWithin, type Check } from '../checks.ts';
import type { AdmitRequest, Limiter } from './limiter.ts';
import { openLimiterParts } from './parts.ts';
import { withLocalShare, type StandInLimiter } from './local-share/local-share.ts';
import { outageDelayMs } from './outage-delay.ts';

/** What happens while the limiter has no answer. */
export type OnLimiterUnavailable = 'park' | { readonly localShare: number };

/** The limiter as the handler asks it. */
export interface HandlerLimiter extends StandInLimiter {
  /** How long a message stays away about which it gave no answer. `jitter`: a number in [0, 1). */
  awayMs(about: Pick<AdmitRequest, 'key' | 'limits' | 'marginMs' | 'leaseMs'>, jitter: number): number;
}

/** The limiter as the handler asks it: in bounded time, and with a stand-in where one is wanted. */
export function handlerLimiter(
  limiter: Limiter,
  wanted: OnLimiterUnavailable = 'park',
  bounds: MeasuredBounds,
): HandlerLimiter {
  const parts = openLimiterParts({ ...bounds, partOf: (asked) => limiter.partOf?.(asked) ?? asked.key });
  const bounded = boundedLimiter(limiter, { ...bounds, parts });
  if (wanted === 'park') {
    return { ...bounded, awayMs: (about, jitter) => outageDelayMs(parts.outageMs(about), jitter) };
  }
  const { askEveryMs, ...standIn } = withLocalShare(bounded, { share: wanted.localShare, parts, ...bounds });
  return {
    ...standIn,
    // What comes back in between sees that the silence goes on.
    awayMs: (about, jitter) => outageDelayMs(parts.outageMs(about), jitter, askEveryMs(about)),
  };
}

/** What is wrong with the option `onLimiterUnavailable`. */
export const unavailableProblems: Check = (found, name, { delivery }) => {
  if (found === 'park') return [];
  const { localShare } = Object(found) as { readonly localShare?: unknown };
  if (!isWithin(localShare, Number.MIN_VALUE, 1)) {
    const share = typeof localShare === 'number' ? localShare : 'neither';
    return [`${name}: expected park, or a localShare above 0 and at most 1, found ${share}`];
  }
  // One process does not know what another one has delivered.
  return delivery === 'at-most-once'
    ? [`${name}: expected park with at-most-once delivery, found a localShare`]
    : groupProblems({ localShare: () => [] }, found, `${name}.`);
};
