import type { Limit } from '@huntaze/rate-limiter-lambda';
import { subBucketMs } from './places-watch.ts';

/**
 * How long a message may be told to wait for its place when so many are claimed before and by it: what they take at the
 * slowest limit, one window of each limit more, as it may be over-full by what others were admitted under, and the time
 * for which the key is held.
 */
export function longestWaitMs(
  { limits, marginMs }: { readonly limits: readonly Limit[]; readonly marginMs: number },
  places: number,
  mostCost: number,
): number {
  const takenMs = limits.map((limit) => roundsMs(limit, marginMs, places, mostCost));
  const onceMs = limits.map((limit) => roundsMs(limit, marginMs, 1, 1));
  return Math.max(...takenMs) + onceMs.reduce((sum, ms) => sum + ms, 0);
}

function roundsMs(limit: Limit, marginMs: number, places: number, mostCost: number): number {
  // A bucket may be empty, and then fills by what is missing.
  if (limit.kind === 'token-bucket') return ((places + limit.capacity) * 60_000) / limit.refillPerMinute;
  // What is left of a window may be too little for who is next.
  const rounds = Math.ceil(places / (limit.limit - mostCost + 1));
  return rounds * (limit.windowMs + marginMs + subBucketMs(limit, marginMs));
}
