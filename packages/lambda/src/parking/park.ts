import type { Clock } from '@huntaze/rate-limiter-client/contract';
import {
  DEAD_LETTER_RETRY_MS,
  deadLetterWaiter,
  type DeadLetterSettings,
} from '../dead-letter/dead-letter.ts';
import type { Conclusion } from '../message/conclusion.ts';
import type { ReceivedMessage } from '../message/received.ts';
import type { QueueAttributes } from './queue-attributes.ts';
import { hasInFlightRoom, outlivesRetention } from './room.ts';

/** How long a message waits, and for what. */
export interface Wait {
  readonly untilMs: number;
  /**
   * `slot`: it wakes a little early. `claim`: another worker holds it, or its next attempt lies ahead, so this batch may
   * not dead-letter it. `limiter`: the limiter does not answer.
   */
  readonly for: 'slot' | 'claim' | 'limiter';
  /** How many attempts were made. Default: read from the limiter when the message becomes a dead letter. */
  readonly attempts?: number;
}

/** The settings for parking. */
export interface ParkSettings extends DeadLetterSettings {
  readonly clock: Clock;
  /** The share of SQS's in-flight messages that parked ones may take. */
  readonly inFlightShare: number;
}

/** The queue in which a message waits. */
export interface WaitingQueue {
  /** Its name in the identity of its messages. */
  readonly identity: string;
  attributes(): Promise<QueueAttributes>;
}

/**
 * Lets a message wait in its queue: hidden where there is room in flight, otherwise for the queue's own visibility
 * timeout. A message that its queue would delete first becomes a dead letter at once. Never rejects.
 */
export async function park(
  settings: ParkSettings,
  queue: WaitingQueue,
  received: ReceivedMessage,
  wait: Wait,
): Promise<Conclusion> {
  const { clock, inFlightShare } = settings;
  // The wall clock may be set while the attributes are read: the wait goes on by the monotonic one.
  const readyMs = clock.monotonicMs() + wait.untilMs - clock.nowMs();
  const attributes = await queue.attributes();
  const leftMs = readyMs - clock.monotonicMs();
  const untilMs = clock.nowMs() + leftMs;
  if (wait.for !== 'claim' && outlivesRetention(attributes, received.records, untilMs)) {
    const dead = await deadLetterWaiter(settings, received, queue.identity, wait.attempts);
    return dead ?? { kind: 'hidden', untilMs: clock.nowMs() + DEAD_LETTER_RETRY_MS, as: 'parked' };
  }
  if (!hasInFlightRoom(attributes, inFlightShare, leftMs)) return { kind: 'left', as: 'unparked' };
  return { kind: 'hidden', untilMs, as: 'parked', early: wait.for === 'slot' };
}
