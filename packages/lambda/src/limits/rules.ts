import { MAX_LOG_LENGTH, type Limit } from './limit.ts';

/**
 * Limits as the limiter counts them. Everything is in whole microseconds: Redis tells time in them,
 * and a double holds them exactly until the year 2255.
 */
export interface Rules {
  readonly windows: readonly WindowRule[];
  readonly buckets: readonly BucketRule[];
  /** How long a delivery may take before it keeps its place longer. */
  readonly marginUs: number;
}

export interface WindowRule {
  readonly limit: number;
  /** The window and the margin: how long an admission takes its place. */
  readonly windowUs: number;
  /** Length of a sub-bucket, for windows that count by sub-buckets; 0 for those that know every admission. */
  readonly grainUs: number;
}

export interface BucketRule {
  readonly capacity: number;
  /** Time to gain one token, rounded up: never faster than configured. */
  readonly intervalUs: number;
}

export const US_PER_MS = 1_000;
const US_PER_MINUTE = 60_000_000;

/** A window of so many sub-buckets takes an admission for up to 1 % longer than its length, and never for less. */
const SUB_BUCKETS = 100;

/** Translates limits into rules, leaving out those that another one implies. */
export function toRules(limits: readonly Limit[], marginMs: number): Rules {
  const marginUs = marginMs * US_PER_MS;
  const windows = limits
    .filter((limit) => limit.kind === 'sliding-window')
    .map(({ limit, windowMs, exact = limit <= MAX_LOG_LENGTH }) => {
      const windowUs = windowMs * US_PER_MS + marginUs;
      return { limit, windowUs, grainUs: exact ? 0 : Math.ceil(windowUs / SUB_BUCKETS) };
    });
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
    buckets: buckets.filter((bucket) => !windows.some((window) => impliesBucket(window, bucket, marginUs))),
    marginUs,
  };
}

/** A window that allows no more in no less time makes the other one redundant; of two equal ones the first stays. */
function implies(kept: WindowRule, other: WindowRule, keptIsFirst: boolean): boolean {
  if (kept.limit === other.limit && kept.windowUs === other.windowUs)
    return kept.grainUs === other.grainUs ? keptIsFirst : kept.grainUs > 0;
  return kept.limit <= other.limit && kept.windowUs >= other.windowUs;
}

/**
 * A window of N per W lets at most N·(⌊L/W⌋ + 1) ≤ N + L·N/W messages through in any time L; a bucket of
 * C with one token per T allows C + L/T. So C ≥ N and T ≤ W/N make the bucket redundant, as in
 * `perMinute`, where it never decides. W is the window without its margin, by which a stamp may precede
 * its admission: between admissions, the first window can be so much shorter.
 */
function impliesBucket(window: WindowRule, bucket: BucketRule, marginUs: number): boolean {
  return bucket.capacity >= window.limit && bucket.intervalUs * window.limit <= window.windowUs - marginUs;
}
