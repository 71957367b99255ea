import type { Logger, Message, TraceContext } from '@huntaze/rate-limiter-client/contract';

/** The second argument of `deliver`. */
export interface DeliverContext {
  /** Aborts when the claim is lost or the time to deliver ends: pass it to `fetch`. */
  readonly signal: AbortSignal;
  /** The number of this attempt, from 1. */
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
 * Hands one message to the upstream. Its error decides the message's outcome: `RetryAfterError` holds the key,
 * `PermanentError` makes a dead letter, any other error is retried with backoff: it means that the upstream did not take
 * the message. Throwing because `signal` aborted means nothing.
 */
export type Deliver<Payload> = (message: Message<Payload>, context: DeliverContext) => Promise<unknown>;

/** Whether a message whose delivery has an unknown outcome may be delivered again. */
export const deliveryModes = ['at-least-once', 'at-most-once'] as const;
export type DeliveryMode = (typeof deliveryModes)[number];
