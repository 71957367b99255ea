import type { UnreadableReason } from './received.ts';

/** A failed attempt after which a message returns to its queue. */
export type Setback =
  | {
      readonly kind: 'retried';
      readonly attempt: number;
      readonly errorName: string;
      readonly afterMs: number;
    }
  | { readonly kind: 'throttled'; readonly holdMs: number };

/**
 * What becomes of a message in this batch. Steps return it as data; `Batch.conclude` alone acts on it.
 *
 * Final (SQS may delete its records): `delivered`, `duplicate`, `dead`, `unreadable`. Back in the queue: `hidden` until an
 * instant; `left` for the queue's own visibility timeout; `behind` the first unfinished message of its FIFO group.
 */
export type Conclusion =
  | { readonly kind: 'delivered'; readonly attempt: number; readonly latencyMs: number }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'dead'; readonly reason: string; readonly attempts: number }
  | { readonly kind: 'unreadable'; readonly reason: UnreadableReason }
  | Hidden
  | { readonly kind: 'left'; readonly as: 'unparked' | 'unfinished'; readonly setback?: Setback }
  | { readonly kind: 'behind' };

/** A message that SQS hides until an instant, and at most a second longer. */
export interface Hidden {
  readonly kind: 'hidden';
  /** By the wall clock. */
  readonly untilMs: number;
  /** `parked`: it waits for its turn. `retried`: its delivery failed. `unfinished`: this batch could not finish it. */
  readonly as: 'parked' | 'retried' | 'unfinished';
  /** Whether it wakes a little early, so that the handler can hold it to the exact instant. Default false. */
  readonly early?: boolean;
  readonly setback?: Setback;
}

/** Returns a message to its queue, hidden until an instant, because this batch could not finish it. */
export function unfinishedUntil(untilMs: number): Hidden {
  return { kind: 'hidden', untilMs, as: 'unfinished' };
}

/** Whether SQS may delete the records of a message. */
export function isFinal({ kind }: Conclusion): boolean {
  return kind === 'delivered' || kind === 'duplicate' || kind === 'dead' || kind === 'unreadable';
}
