import * as checks from '../../checks/checks.ts';

/**
 * At most `limit` messages in any window of `windowMs` milliseconds, wherever the window starts. Exact up to 10,000;
 * above, a message takes its slot for up to 1 % longer than the window, never for less.
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

const windowChecks = {
  limit: (found, name, given) =>
    checks.whole(1, given['exact'] === true ? MAX_LOG_LENGTH : MAX_LIMIT)(found, name, given),
  windowMs: checks.whole(1, MAX_WINDOW_MS),
  exact: checks.optional(checks.flag),
} satisfies Record<keyof Omit<SlidingWindow, 'kind'>, checks.Check>;

const bucketChecks = {
  capacity: checks.whole(1, MAX_LIMIT),
  refillPerMinute: checks.aboveZero(MAX_RATE_PER_MINUTE),
} satisfies Record<keyof Omit<TokenBucket, 'kind'>, checks.Check>;

/**
 * At most `limit` messages in any window of `windowMs`.
 * @param options `limit` from 1 to 1,000,000,000; `windowMs` from 1 ms to 31 days, whole milliseconds; `exact` whether
 * every message is known one by one, at about 130 bytes each in Redis: by default up to a limit of 10,000, which is the most.
 * @throws {ConfigurationError} when a value is out of range.
 */
export function slidingWindow(options: { limit: number; windowMs: number; exact?: boolean }): SlidingWindow {
  checks.requireOptions(windowChecks, options, 'slidingWindow.');
  const { limit, windowMs, exact } = options;
  return Object.freeze({ kind: 'sliding-window', limit, windowMs, ...(exact !== undefined && { exact }) });
}

/**
 * A bucket that holds `capacity` tokens and gains `refillPerMinute` tokens per minute.
 * @param options `capacity` a whole number from 1 to 1,000,000,000; `refillPerMinute` above 0, fractions allowed.
 * @throws {ConfigurationError} when a value is out of range.
 */
export function tokenBucket(options: { capacity: number; refillPerMinute: number }): TokenBucket {
  checks.requireOptions(bucketChecks, options, 'tokenBucket.');
  const { capacity, refillPerMinute } = options;
  return Object.freeze({ kind: 'token-bucket', capacity, refillPerMinute });
}

/**
 * `count` messages per minute, bursts allowed, no window of 60 s ever exceeded: the bucket of
 * `count` refilled at `count` per minute and the exact window of `count` per 60 s, together.
 * @throws {ConfigurationError} when `count` is not a whole number from 1 to 1,000,000,000.
 */
export function perMinute(count: number): readonly Limit[] {
  checks.requireOptions({ perMinute: checks.whole(1, MAX_LIMIT) }, { perMinute: count });
  return Object.freeze([
    tokenBucket({ capacity: count, refillPerMinute: count }),
    slidingWindow({ limit: count, windowMs: 60_000 }),
  ]);
}

/** What is wrong with the limits of a message, wherever they come from. */
export const limitsProblems: checks.Check = (found, name, given) =>
  Array.isArray(found) && found.length > 0
    ? found.flatMap((limit, index) => limitProblems(limit, `${name}[${index}]`, given))
    : noList(found, name, given);

const limitProblems: checks.Check = (found, name, given) => {
  const { kind } = Object(found) as Partial<Limit>;
  if (kind === 'sliding-window') return checks.problemsOf(windowChecks, found, `${name}.`);
  if (kind === 'token-bucket') return checks.problemsOf(bucketChecks, found, `${name}.`);
  return noLimit(found, name, given);
};

const never = () => false;
const noList = checks.expecting('a list such as perMinute(10) or [slidingWindow(…)]', never, (found) =>
  Array.isArray(found) ? 'none' : checks.kindOf(found),
);
const noLimit = checks.expecting('a limit such as slidingWindow(…)', never, (found) =>
  Array.isArray(found) ? 'a list: spread it, as in [...perMinute(10)]' : checks.kindOf(found),
);
