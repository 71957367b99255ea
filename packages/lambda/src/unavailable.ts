import { boundedLimiter, type MeasuredBounds } from './bounded-ports.ts';
import { groupProblems, isWithin, type Check } from './checks.ts';
import type { Limiter } from './limiter/limiter.ts';
import { withLocalShare, type StandInLimiter } from './local-share/local-share.ts';

/** What happens while the limiter has no answer. */
export type OnLimiterUnavailable = 'park' | { readonly localShare: number };

/** The limiter as the handler asks it: in bounded time, and with a stand-in where one is wanted. */
export function handlerLimiter(
  limiter: Limiter,
  wanted: OnLimiterUnavailable = 'park',
  bounds: MeasuredBounds,
): StandInLimiter {
  const bounded = boundedLimiter(limiter, bounds);
  return wanted === 'park' ? bounded : withLocalShare(bounded, { share: wanted.localShare, ...bounds });
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
