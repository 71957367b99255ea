import type { Clock, Metrics } from '@huntaze/rate-limiter-client/contract';
import { boundedLimiter } from './bounded-ports.ts';
import type { DeliveryMode } from './delivery/deliver.ts';
import type { Limiter } from './limiter/limiter.ts';
import { withLocalShare, type StandInLimiter } from './local-share/local-share.ts';

/** What happens while the limiter has no answer. */
export type OnLimiterUnavailable = 'park' | { readonly localShare: number };

interface Bounds {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly metrics: Metrics;
}

/** The limiter as the handler asks it: in bounded time, and with a stand-in where one is wanted. */
export function handlerLimiter(
  limiter: Limiter,
  wanted: OnLimiterUnavailable = 'park',
  bounds: Bounds,
): StandInLimiter {
  const bounded = boundedLimiter(limiter, bounds);
  return wanted === 'park' ? bounded : withLocalShare(bounded, { share: wanted.localShare, ...bounds });
}

/** What is wrong with the option `onLimiterUnavailable`. */
export function unavailableProblems(
  wanted: OnLimiterUnavailable = 'park',
  delivery: DeliveryMode,
): readonly string[] {
  if (wanted === 'park') return [];
  const share: unknown = typeof wanted === 'object' ? wanted?.localShare : undefined;
  if (typeof share !== 'number' || !(share > 0 && share <= 1)) {
    const found = typeof share === 'number' ? String(share) : 'neither';
    return [`onLimiterUnavailable: expected park, or a localShare above 0 and at most 1, found ${found}`];
  }
  // One process does not know what another one has delivered.
  if (delivery === 'at-most-once')
    return ['onLimiterUnavailable: expected park with at-most-once delivery, found a localShare'];
  return [];
}
