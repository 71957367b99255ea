import {
  ConfigurationError,
  isPermanentError,
  isRetryAfterError,
} from '@huntaze/rate-limiter-client/contract';
import { look, messageOf, nameOf } from '../thrown.ts';

/** What follows from one call of `deliver`. */
export type Fate =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'retry';
      readonly errorName: string;
      readonly afterMs: number;
      /** What is wrong in `deliver` itself, in our own words: those of others may quote content. */
      readonly problem?: string;
    }
  | { readonly kind: 'silence'; readonly holdMs: number }
  | ({ readonly kind: 'dead'; readonly reason: string } & Failed)
  /** There was no time left for the call. */
  | { readonly kind: 'not-started' }
  /** The call did not end in time: nobody knows whether it had an effect. The claim runs out by itself. */
  | { readonly kind: 'unknown' }
  /** Nobody knows whether this call, or the one before, had an effect, and the message may not be delivered twice. */
  | ({ readonly kind: 'uncertain' } & Failed);

interface Failed {
  readonly errorName: string;
  /** Whether `deliver` was not called this time: what happened before has decided. */
  readonly uncalled?: true;
}

/** Delay before the next attempt: exponential with full jitter. */
export interface Backoff {
  /** Upper bound of the delay after the first attempt; it doubles with each one. Default 1,000. */
  readonly initialDelayMs: number;
  /** Upper bound of every delay. Default 900,000. */
  readonly maxDelayMs: number;
}

/** 15 minutes is also the most that either may be. */
export const defaultBackoff: Backoff = { initialDelayMs: 1_000, maxDelayMs: 900_000 };

/** A backoff with its defaults. A longest delay that is shorter than the usual first one holds for that too. */
export function backoffFrom({ initialDelayMs, maxDelayMs }: Partial<Backoff> = {}): Backoff {
  const longestMs = maxDelayMs ?? defaultBackoff.maxDelayMs;
  return {
    initialDelayMs: initialDelayMs ?? Math.min(defaultBackoff.initialDelayMs, longestMs),
    maxDelayMs: longestMs,
  };
}

/** A `Retry-After` beyond this is taken as this: parking reaches no further. */
export const MAX_HOLD_MS = 11 * 3_600_000;

/**
 * Decides what an error thrown by `deliver` means.
 * @param jitter a number in [0, 1), drawn for this attempt.
 * @param uncertain whether an error that says nothing of its effect rules out another attempt.
 */
export function fateOf(
  error: unknown,
  {
    attempt,
    maxAttempts,
    backoff,
    jitter,
    uncertain = false,
  }: { attempt: number; maxAttempts: number; backoff: Backoff; jitter: number; uncertain?: boolean },
): Fate {
  const silenceMs = look(() => (isRetryAfterError(error) ? error.retryAfterMs : undefined), undefined);
  if (silenceMs !== undefined) {
    return { kind: 'silence', holdMs: Math.min(MAX_HOLD_MS, Math.max(0, Math.ceil(silenceMs))) };
  }
  const errorName = nameOf(error);
  if (look(() => isPermanentError(error), false)) {
    return { kind: 'dead', reason: messageOf(error), errorName };
  }
  if (uncertain) return { kind: 'uncertain', errorName };
  if (attempt >= maxAttempts) return { kind: 'dead', reason: 'attempts-exhausted', errorName };
  const isOurs = look(() => error instanceof ConfigurationError, false);
  const problem = isOurs ? { problem: messageOf(error) } : {};
  return { kind: 'retry', errorName, afterMs: backoffMs(backoff, attempt, jitter), ...problem };
}

/** Full jitter: anywhere between nothing and the exponential bound, so that failures of one moment spread out. */
export function backoffMs({ initialDelayMs, maxDelayMs }: Backoff, attempt: number, jitter: number): number {
  return Math.ceil(jitter * Math.min(maxDelayMs, initialDelayMs * 2 ** (attempt - 1)));
}
