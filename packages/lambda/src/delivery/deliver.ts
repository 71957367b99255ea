import type { Clock, Logger, Message } from '@huntaze/rate-limiter-client/contract';
import type { Claim } from '../limiter/limiter.ts';
import { fateOf, type Backoff, type Fate } from './fate.ts';

/** What `deliver` gets besides the message. */
export interface DeliverContext {
  /** Aborts when the claim's lease or the function's time ends: pass it to `fetch`. */
  readonly signal: AbortSignal;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /** `key:id`, the same for every attempt of a message: pass it to an upstream that can recognise repetitions. */
  readonly idempotencyKey: string;
  readonly logger: Logger;
}

/**
 * Hands one message to the upstream. What it throws decides the message's fate: `RetryAfterError`
 * holds the key, `PermanentError` makes a dead letter, anything else is tried again with backoff.
 */
export type Deliver<Payload> = (message: Message<Payload>, context: DeliverContext) => Promise<unknown>;

export interface DeliverPolicy {
  readonly maxAttempts: number;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly jitter: () => number;
  readonly logger: Logger;
}

/** How long an aborted `deliver` may take to come to an end before its outcome counts as unknown. */
const ABORT_GRACE_MS = 250;

/** Calls `deliver` once, for at most `timeoutMs`, and says what follows. Never throws. */
export async function deliverOnce<Payload>(
  deliver: Deliver<Payload>,
  message: Message<Payload>,
  claim: Claim,
  timeoutMs: number,
  { maxAttempts, backoff, clock, jitter, logger }: DeliverPolicy,
): Promise<Fate> {
  const { attempt } = claim;
  if (attempt > maxAttempts) return { kind: 'dead', reason: 'attempts-exhausted', errorName: 'unknown' };
  if (timeoutMs <= 0) return { kind: 'not-started' };
  const timeout = new AbortController();
  const finished = new AbortController();
  const call = async (): Promise<Fate> => {
    try {
      await deliver(message, {
        signal: timeout.signal,
        attempt,
        idempotencyKey: `${message.key}:${message.id}`,
        logger,
      });
      return { kind: 'delivered' };
    } catch (error) {
      return fateOf(error, { attempt, maxAttempts, backoff, jitter: jitter() });
    } finally {
      finished.abort();
    }
  };
  const expire = async (): Promise<Fate> => {
    await clock.sleep(timeoutMs, finished.signal);
    if (!finished.signal.aborted)
      timeout.abort(new DOMException('the time to deliver this message is over', 'TimeoutError'));
    await clock.sleep(ABORT_GRACE_MS, finished.signal);
    return { kind: 'unknown' };
  };
  return await Promise.race([call(), expire()]);
}
