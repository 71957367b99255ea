import { MAX_LOG_LENGTH, type Limit } from './limit.ts';

/**
 * Limits as the limiter counts them. Everything is in whole microseconds: Redis tells time in them,
 * and a double holds them exactly until the year 2255.
 */
export interface Rules {
  readonly windows: readonly WindowRule[];
  readonly buckets: readonly BucketRule[];
  /** How long a delivery may take before it keeps its slot longer. */
  readonly marginUs: number;
}

export interface WindowRule {
  readonly limit: number;
  /** How long a delivery counts, from its end or from its admission and the margin, whichever is later. */
  readonly windowUs: number;
  /** Whether the window knows every delivery by itself; otherwise it counts by sub-buckets. */
  readonly exact: boolean;
}

export interface BucketRule {
  readonly capacity: number;
  /** Time to gain one token, rounded up: never faster than configured. */
  readonly intervalUs: number;
}

export const US_PER_MS = 1_000;
const US_PER_MINUTE = 60_000_000;

/** Translates limits into rules, leaving out those that another one implies. */
export function toRules(limits: readonly Limit[], marginMs: number): Rules {
  const marginUs = marginMs * US_PER_MS;
  const windows = limits
    .filter((limit) => limit.kind === 'sliding-window')
    .map(({ limit, windowMs, exact = limit <= MAX_LOG_LENGTH }) => ({
      limit,
      windowUs: windowMs * US_PER_MS,
      exact,
    }));
  const buckets = limits
    .filter((limit) => limit.kind === 'token-bucket')
    .map(({ capacity, refillPerMinute }) => ({
      capacity,
      intervalUs: Math.ceil(US_PER_MINUTE / refillPerMinute),
    }));
  return {
    windows: windows.filter(
      (window, index) => !windows.some((other, i) => i !== index && implies(other, window, i < index)),
    ),
    buckets: buckets.filter((bucket) => !windows.some((window) => impliesBucket(window, bucket))),
    marginUs,
  };
}

/** A window that allows no more in no less time makes the other one redundant; of two equal ones the first stays. */
function implies(kept: WindowRule, other: WindowRule, keptIsFirst: boolean): boolean {
  if (kept.limit === other.limit && kept.windowUs === other.windowUs)
    return kept.exact === other.exact ? keptIsFirst : !kept.exact;
  return kept.limit <= other.limit && kept.windowUs >= other.windowUs;
}

/**
 * A window of N per W lets at most N·(⌊L/W⌋ + 1) ≤ N + L·N/W messages through in any time L; a bucket of
 * C with one token per T allows C + L/T. So C ≥ N and T ≤ W/N make the bucket redundant, as in
 * `perMinute`, where it never decides.
 */
function impliesBucket(window: WindowRule, bucket: BucketRule): boolean {
  return bucket.capacity >= window.limit && bucket.intervalUs * window.limit <= window.windowUs;
}
