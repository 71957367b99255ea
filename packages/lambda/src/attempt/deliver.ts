import type { Clock, Logger, Message, Metrics, TraceContext } from '@huntaze/rate-limiter-client/contract';
import type { Claim } from '../limiter/limiter.ts';
import { fateOf, type Backoff, type Fate } from './outcome.ts';
import type { Lease } from './lease.ts';
import type { Delivery } from '../message/read-message.ts';

/** What `deliver` gets besides the message. */
export interface DeliverContext {
  /** Aborts when the claim is lost or the time to deliver ends: pass it to `fetch`. */
  readonly signal: AbortSignal;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /**
   * `queue:key:id`, the queue as 8 characters that stand for it: the same for every attempt of a message. Pass it to an
   * upstream that can recognise repetitions.
   */
  readonly idempotencyKey: string;
  readonly logger: Logger;
  /** The trace to continue upstream, when a tracer records one. */
  readonly traceContext?: TraceContext;
}

/**
 * Hands one message to the upstream. What it throws decides the message's fate: `RetryAfterError`
 * holds the key, `PermanentError` makes a dead letter, anything else is tried again with backoff: it says that
 * the upstream did not take the message. Throwing because `signal` aborted says nothing.
 */
export type Deliver<Payload> = (message: Message<Payload>, context: DeliverContext) => Promise<unknown>;

/** What may happen to a message whose delivery has an unknown outcome: to be delivered again, or not. */
export const deliveryModes = ['at-least-once', 'at-most-once'] as const;
export type DeliveryMode = (typeof deliveryModes)[number];

/** One call of `deliver`: a message, the right to deliver it, and the time for which that right lasts. */
export interface Attempt<Payload = unknown> {
  readonly delivery: Delivery<Payload>;
  readonly claim: Claim;
  readonly lease: Lease;
}

export interface DeliverPolicy {
  readonly delivery: DeliveryMode;
  readonly maxAttempts: number;
  readonly maxThrottles: number;
  readonly backoff: Backoff;
  readonly clock: Clock;
  readonly jitter: () => number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly traceContext: TraceContext | undefined;
  readonly idempotencyKey: string;
  /** How long the call may take. */
  readonly timeoutMs: number;
  /** With less time than this a delivery does not start. */
  readonly leastMs: number;
}

/** How long an aborted `deliver` may take to come to an end before its outcome counts as unknown. */
export const ABORT_GRACE_MS = 250;

/** Calls `deliver` once, in bounded time and only while its claim is alive, and says what follows. Never throws. */
export async function deliverOnce<Payload>(
  deliver: Deliver<Payload>,
  { delivery: { message }, claim, lease }: Attempt<Payload>,
  policy: DeliverPolicy,
): Promise<Fate> {
  const { delivery, maxAttempts, maxThrottles, backoff, clock, jitter, logger, metrics, traceContext } =
    policy;
  const { idempotencyKey, timeoutMs, leastMs } = policy;
  const { attempt, takeover, throttles = 0 } = claim;
  const once = delivery === 'at-most-once';
  const uncalled = { errorName: 'unknown', uncalled: true } as const;
  if (once && takeover) return { kind: 'uncertain', ...uncalled };
  if (attempt > maxAttempts) return { kind: 'dead', reason: 'attempts-exhausted', ...uncalled };
  // Not at the last silence itself: its key had to be held first, for everybody.
  if (throttles >= maxThrottles) {
    return { kind: 'dead', reason: 'throttled', errorName: 'RetryAfterError', uncalled: true };
  }
  // A call that is cut off may arrive nevertheless: better none than one without time.
  if (timeoutMs < leastMs || lease.leftMs() <= 0) return { kind: 'not-started' };
  const timeout = new AbortController();
  const finished = new AbortController();
  const call = async (): Promise<Fate> => {
    try {
      await deliver(message, {
        signal: timeout.signal,
        attempt,
        idempotencyKey,
        logger,
        ...(traceContext && { traceContext }),
      });
      return { kind: 'delivered' };
    } catch (error) {
      const uncertain = once && timeout.signal.aborted;
      return fateOf(error, { attempt, maxAttempts, backoff, jitter: jitter(), uncertain });
    } finally {
      finished.abort();
    }
  };
  const expire = async (): Promise<Fate> => {
    await Promise.race([clock.sleep(timeoutMs, finished.signal), lease.keep(finished.signal)]);
    if (!finished.signal.aborted)
      timeout.abort(new DOMException('the time to deliver this message is over', 'TimeoutError'));
    await clock.sleep(ABORT_GRACE_MS, finished.signal);
    finished.abort();
    return once ? { kind: 'uncertain', errorName: 'TimeoutError' } : { kind: 'unknown' };
  };
  const startedMs = clock.monotonicMs();
  const fate = await Promise.race([call(), expire()]);
  metrics.record('DeliveryLatency', clock.monotonicMs() - startedMs);
  return fate;
}
