import { errorMessage, errorName, exponentialMs, safely } from '@huntaze/kit';
import {
  ConfigurationError,
  isPermanentError,
  isRetryAfterError,
} from '@huntaze/rate-limiter-client/contract';
import type { Claim } from '../limiter/limiter.ts';
import type { DeliveryMode } from './deliver.ts';

/** The outcome of one attempt. */
export type Outcome =
  | { readonly kind: 'delivered' }
  | {
      readonly kind: 'retry';
      readonly errorName: string;
      readonly afterMs: number;
      /** What is wrong in `deliver` itself, in our own words: those of others may quote content. */
      readonly problem?: string;
    }
  | { readonly kind: 'throttled'; readonly holdMs: number }
  | ({ readonly kind: 'rejected'; readonly reason: string } & Failed)
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

/** The outcome of a claim under which `deliver` must not be called: an earlier attempt has decided. */
export function outcomeWithoutCall(
  { attempt, takeover, throttles = 0 }: Claim,
  { delivery, maxAttempts, maxThrottles }: OutcomePolicy,
): Outcome | undefined {
  const uncalled = { errorName: 'unknown', uncalled: true } as const;
  if (delivery === 'at-most-once' && takeover) return { kind: 'uncertain', ...uncalled };
  if (attempt > maxAttempts) return { kind: 'rejected', reason: 'attempts-exhausted', ...uncalled };
  // Not at the last throttling itself: the key had to be held first, for everybody.
  if (throttles >= maxThrottles)
    return { kind: 'rejected', reason: 'throttled', errorName: 'RetryAfterError', uncalled: true };
  return undefined;
}

/** The options that decide about a message before its next attempt. */
export interface OutcomePolicy {
  readonly backoff: Backoff;
  readonly delivery: DeliveryMode;
  readonly maxAttempts: number;
  readonly maxThrottles: number;
}

/** Delay before the next attempt: exponential with full jitter. */
export interface Backoff {
  /** Upper bound of the delay after the first attempt; it doubles with each one. Default 1,000. */
  readonly initialDelayMs: number;
  /** Upper bound of every delay. Default 900,000. */
  readonly maxDelayMs: number;
}

/** A `Retry-After` beyond this is taken as this: parking reaches no further. */
export const MAX_HOLD_MS = 11 * 3_600_000;

/**
 * Decides what an error thrown by `deliver` means.
 * @param jitter a number in [0, 1), drawn for this attempt.
 * @param uncertain whether an error that says nothing of its effect rules out another attempt.
 */
export function outcomeOf(
  error: unknown,
  {
    attempt,
    maxAttempts,
    backoff,
    jitter,
    uncertain = false,
  }: { attempt: number; maxAttempts: number; backoff: Backoff; jitter: number; uncertain?: boolean },
): Outcome {
  const retryAfterMs = safely(() => (isRetryAfterError(error) ? error.retryAfterMs : undefined), undefined);
  if (retryAfterMs !== undefined) {
    return { kind: 'throttled', holdMs: Math.min(MAX_HOLD_MS, Math.max(0, Math.ceil(retryAfterMs))) };
  }
  const name = errorName(error);
  if (safely(() => isPermanentError(error), false)) {
    return { kind: 'rejected', reason: errorMessage(error), errorName: name };
  }
  if (uncertain) return { kind: 'uncertain', errorName: name };
  if (attempt >= maxAttempts) return { kind: 'rejected', reason: 'attempts-exhausted', errorName: name };
  const isOurs = safely(() => error instanceof ConfigurationError, false);
  const problem = isOurs ? { problem: errorMessage(error) } : {};
  return { kind: 'retry', errorName: name, afterMs: backoffMs(backoff, attempt, jitter), ...problem };
}

/** Full jitter: anywhere between nothing and the exponential bound, so that failures of one moment spread out. */
export function backoffMs({ initialDelayMs, maxDelayMs }: Backoff, attempt: number, jitter: number): number {
  return Math.ceil(jitter * exponentialMs(attempt, initialDelayMs, maxDelayMs));
}
