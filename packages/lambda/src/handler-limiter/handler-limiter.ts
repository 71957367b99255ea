import { boundedLimiter, type MeasuredBounds } from './bounded-limiter.ts';
import type { OnLimiterUnavailable } from './on-limiter-unavailable.ts';
import type { AdmitRequest, Limiter } from '../limiter/limiter.ts';
import { openLimiterParts } from './parts.ts';
import { localLimiter } from '../limiter/local-share/local-limiter.ts';
import { withLocalShare, type StandInLimiter } from '../limiter/local-share/local-share.ts';
import { outageDelayMs } from './outage-delay.ts';

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
  const { askEveryMs, ...standIn } = withLocalShare(bounded, {
    ...bounds,
    share: wanted.localShare,
    parts,
    local: localLimiter(bounds.clock),
  });
  return {
    ...standIn,
    // What comes back in between sees that the silence goes on.
    awayMs: (about, jitter) => outageDelayMs(parts.outageMs(about), jitter, askEveryMs(about)),
  };
}
