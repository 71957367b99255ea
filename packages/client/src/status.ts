import type { Clock, Unavailable } from './contract/index.ts';
import type { QueueCounts } from './transport/queue-counts.ts';

/** What the client sees of its queues. A part that cannot be read says why, the others are still there. */
export interface ClientStatus {
  readonly queue: QueueCounts | Unavailable;
  readonly deadLetters: QueueCounts | Unavailable;
  readonly checkedAtMs: number;
}

/** What {@link readStatus} works with. */
export interface StatusOptions {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly clock: Clock;
  readCounts(queueUrl: string): Promise<QueueCounts | Unavailable>;
}

/** Reads both queues at the same time. Never throws for an outage. */
export async function readStatus({
  queueUrl,
  deadLetterQueueUrl,
  clock,
  readCounts,
}: StatusOptions): Promise<ClientStatus> {
  const [queue, deadLetters] = await Promise.all([
    readCounts(queueUrl),
    deadLetterQueueUrl === undefined
      ? { unavailable: 'no deadLetterQueueUrl was given' }
      : readCounts(deadLetterQueueUrl),
  ]);
  return { queue, deadLetters, checkedAtMs: clock.nowMs() };
}
