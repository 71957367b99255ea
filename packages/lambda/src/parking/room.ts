import type { SqsRecord } from '../message/event.ts';
import type { QueueAttributes } from './queue-attributes.ts';

/** SQS hands out nothing more beyond this (SQS quotas, "Messages per queue (in flight)"). */
const MOST_IN_FLIGHT = 120_000;

/** SQS and this process may not agree on the time, and a message needs some to be set aside. */
const RETENTION_MARGIN_MS = 60_000;

/**
 * Whether a message may be hidden for so long. Beyond a share of what SQS lets be in flight it may not: it comes back
 * when the queue's own visibility ends, which leaves the rest to what is due. A shorter wait always helps.
 */
export function hasInFlightRoom(
  { inFlight, visibilityMs = 0 }: QueueAttributes,
  inFlightShare: number,
  waitMs: number,
): boolean {
  return inFlight < inFlightShare * MOST_IN_FLIGHT || waitMs <= visibilityMs;
}

/** Whether SQS would have deleted a message, and all its copies, before an instant. */
export function outlivesRetention(
  { retentionMs }: QueueAttributes,
  records: readonly SqsRecord[],
  untilMs: number,
): boolean {
  const sentAtMs = records.map(({ attributes: { SentTimestamp, ApproximateFirstReceiveTimestamp } }) =>
    Number(SentTimestamp ?? ApproximateFirstReceiveTimestamp ?? Number.POSITIVE_INFINITY),
  );
  return untilMs > Math.max(...sentAtMs) + retentionMs - RETENTION_MARGIN_MS;
}
