import { attemptsMade } from '../dead-letter/attempts-made.ts';
import type { Delivery } from '../message/read-message.ts';
import { refuseWait } from '../dead-letter/dead-letter.ts';
import type { SqsRecord } from '../message/event.ts';
import type { Invocation } from '../batch/invocation.ts';
import type { Settings } from '../options.ts';
import { hasRoom, outlivesRetention } from './room.ts';

/** How long a message waits that should have become a dead letter. */
export const DEAD_LETTER_RETRY_MS = 30_000;

/** How long a message waits, and what for. */
export interface Wait {
  readonly untilMs: number;
  /**
   * `place`: it wakes a little early. `claim`: another worker has it, or it has its next attempt ahead, so it is not
   * ours to set aside. `limiter`: nobody can say.
   */
  readonly for: 'place' | 'claim' | 'limiter';
  /** How many attempts were made. Default: what the limiter says, asked only when the message is set aside. */
  readonly attempts?: number;
}

/**
 * Lets a message wait in its queue: parked where there is room, otherwise for the queue's own visibility timeout. A
 * wait that its queue would not outlast ends at once, as a dead letter. Never throws.
 */
export async function waitInQueue(
  settings: Settings,
  invocation: Invocation,
  delivery: Delivery,
  wait: Wait,
): Promise<'parked' | 'unparked' | 'refused'> {
  const { clock, metrics, inFlightShare } = settings;
  const { message, records } = delivery;
  // The wall clock may be set while the facts are read: the wait goes on by the other one.
  const readyMs = clock.monotonicMs() + wait.untilMs - clock.nowMs();
  const facts = await invocation.facts();
  const leftMs = readyMs - clock.monotonicMs();
  const untilMs = clock.nowMs() + leftMs;
  if (wait.for !== 'claim' && outlivesRetention(facts, records, untilMs)) {
    const attempts = wait.attempts ?? (await attemptsMade(settings, message, invocation.queue));
    if (await refuseWait(settings, invocation, delivery, attempts)) return 'refused';
    invocation.parkUntil(delivery, clock.nowMs() + DEAD_LETTER_RETRY_MS, 'parked');
  } else if (!hasRoom(facts, inFlightShare, leftMs)) {
    invocation.batch.keep(records, 'unparked');
    metrics.record('UnparkedMessages', records.length);
    return 'unparked';
  } else if (wait.for === 'place') {
    invocation.parkUntilDue(delivery, untilMs);
  } else {
    invocation.parkUntil(delivery, untilMs, 'parked');
  }
  return 'parked';
}

/** Whether SQS would have deleted these records before an instant. Never throws. */
export async function isBeyondRetention(
  invocation: Invocation,
  records: readonly SqsRecord[],
  untilMs: number,
): Promise<boolean> {
  return outlivesRetention(await invocation.facts(), records, untilMs);
}
