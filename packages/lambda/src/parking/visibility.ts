/**
 * Longest visibility asked for. SQS refuses to hide a message more than 12 h after its receive, and
 * counts from the receive (ChangeMessageVisibility, "VisibilityTimeout"): 15 minutes are left for the
 * time since then, the longest a Lambda function can run.
 */
export const MAX_PARK_SECONDS = 12 * 3_600 - 15 * 60;

/**
 * The hold has three equal parts. The lead, by which a parked message wakes before its due time, is for wake-ups that
 * come late. Another, a second by default, is for the whole seconds that SQS knows: so much earlier still may it wake.
 * The last is for positions that moved since it was parked (docs/decisions/0028).
 */
const PARTS_OF_HOLD = 3;

/** How long before its due time a parked message is woken, so that the handler can hold it to the exact instant. */
export function leadMs(inlineHoldMs: number): number {
  return inlineHoldMs / PARTS_OF_HOLD;
}

/**
 * Turns a wait into whole seconds of visibility, from 1 to {@link MAX_PARK_SECONDS}. Without a lead
 * the message wakes at its due time or up to a second later; with one, before it.
 */
export function visibilitySeconds(waitMs: number, earlyMs: number): number {
  const seconds = earlyMs > 0 ? Math.floor((waitMs - earlyMs) / 1_000) : Math.ceil(waitMs / 1_000);
  return Math.min(MAX_PARK_SECONDS, Math.max(1, seconds));
}
