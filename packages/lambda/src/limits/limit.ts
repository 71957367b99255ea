import { ConfigurationError } from '@huntaze/rate-limiter-client/contract';

/**
 * At most `limit` messages in any window of `windowMs` milliseconds, wherever the window starts. Exact up to 10,000;
 * above, a message takes its place for up to 1 % longer than the window, never for less.
 */
export interface SlidingWindow {
  readonly kind: 'sliding-window';
  readonly limit: number;
  readonly windowMs: number;
  /** `false`: counted by sub-buckets, whatever the limit. */
  readonly exact?: boolean;
}

/**
 * A bucket of `capacity` tokens, refilled evenly at `refillPerMinute`; each message takes one, or its cost.
 * Smooth, but up to `capacity + refillPerMinute` messages fit in one minute: where the upstream
 * counts windows, use {@link slidingWindow} or {@link perMinute}.
 */
export interface TokenBucket {
  readonly kind: 'token-bucket';
  readonly capacity: number;
  readonly refillPerMinute: number;
}

/** A rule that the messages of one key must keep. Several limits hold together: all are charged, or none. */
export type Limit = SlidingWindow | TokenBucket;

/**
 * Windows up to this limit know every admission one by one; larger ones count by sub-buckets. It bounds the memory
 * of a key: the log of a window holds one stamp per message.
 */
export const MAX_LOG_LENGTH = 10_000;

const MAX_LIMIT = 1_000_000_000;

const MAX_WINDOW_MS = 31 * 24 * 3_600_000;
const MAX_RATE_PER_MINUTE = 60_000_000;

/**
 * At most `limit` messages in any window of `windowMs`.
 * @param options `limit` from 1 to 1,000,000,000; `windowMs` from 1 ms to 31 days, whole milliseconds; `exact` whether
 * every message is known one by one, at about 130 bytes each in Redis: by default up to a limit of 10,000, which is the most.
 * @throws {ConfigurationError} when a value is out of range.
 */
export function slidingWindow(options: { limit: number; windowMs: number; exact?: boolean }): SlidingWindow {
  const { limit, windowMs, exact } = options;
  requireWhole('slidingWindow.limit', limit, exact ? MAX_LOG_LENGTH : MAX_LIMIT);
  requireWhole('slidingWindow.windowMs', windowMs, MAX_WINDOW_MS);
  return Object.freeze({ kind: 'sliding-window', limit, windowMs, ...(exact !== undefined && { exact }) });
}

/**
 * A bucket that holds `capacity` tokens and gains `refillPerMinute` tokens per minute.
 * @param options `capacity` a whole number from 1 to 1,000,000,000; `refillPerMinute` above 0, fractions allowed.
 * @throws {ConfigurationError} when a value is out of range.
 */
export function tokenBucket(options: { capacity: number; refillPerMinute: number }): TokenBucket {
  const { capacity, refillPerMinute } = options;
  requireWhole('tokenBucket.capacity', capacity, MAX_LIMIT);
  if (!(refillPerMinute > 0 && refillPerMinute <= MAX_RATE_PER_MINUTE)) {
    throw outOfRange(
      'tokenBucket.refillPerMinute',
      `above 0 and at most ${MAX_RATE_PER_MINUTE}`,
      refillPerMinute,
    );
  }
  return Object.freeze({ kind: 'token-bucket', capacity, refillPerMinute });
}

/**
 * `count` messages per minute, bursts allowed, no window of 60 s ever exceeded: the bucket of
 * `count` refilled at `count` per minute and the exact window of `count` per 60 s, together.
 * @throws {ConfigurationError} when `count` is not a whole number from 1 to 1,000,000,000.
 */
export function perMinute(count: number): readonly Limit[] {
  requireWhole('perMinute', count, MAX_LIMIT);
  return Object.freeze([
    tokenBucket({ capacity: count, refillPerMinute: count }),
    slidingWindow({ limit: count, windowMs: 60_000 }),
  ]);
}

function requireWhole(name: string, value: number, most: number): void {
  if (!(Number.isInteger(value) && value >= 1 && value <= most)) {
    throw outOfRange(name, `a whole number from 1 to ${most}`, value);
  }
}

function outOfRange(name: string, expected: string, found: unknown): ConfigurationError {
  return new ConfigurationError([`${name}: expected ${expected}, found ${String(found)}`]);
}
