/** How long an aborted `deliver` may take to end before its outcome counts as unknown. */
export const ABORT_GRACE_MS = 250;

/** Before their messages are asked about: the schema, and the function that tells the limits. */
const CALLS_BEFORE = 2;

/**
 * What one message may wait for one after the other, besides its delivery: two questions (before and after a hold), the
 * facts of the queue, its attempts, a dead letter, a record of it, the end of its position, and its parking.
 */
const CALLS_PER_MESSAGE = 8;

/** The settings that bound a batch's time. */
export interface BatchTimeSettings {
  readonly concurrency: number;
  readonly inlineHoldMs: number;
  readonly deliverTimeoutMs: number;
  readonly timeoutMs: number;
}

/** The longest that a batch can take if each call in it takes as long as it may: one that takes longer never ends. */
export function longestBatchMs(
  { concurrency, inlineHoldMs, deliverTimeoutMs, timeoutMs }: BatchTimeSettings,
  messages: number,
  fifo: boolean,
): number {
  const oneAfterTheOther = fifo ? messages : Math.ceil(messages / concurrency);
  const messageMs = deliverTimeoutMs + ABORT_GRACE_MS + CALLS_PER_MESSAGE * timeoutMs;
  return CALLS_BEFORE * timeoutMs + inlineHoldMs + oneAfterTheOther * messageMs;
}
