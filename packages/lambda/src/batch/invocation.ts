import { longestBatchMs } from './batch-time.ts';
import type { Batch, Parked } from './batch.ts';
import type { Delivery } from '../message/read-message.ts';
import type { InvocationContext, SqsRecord } from '../message/event.ts';
import type { Settings } from '../options.ts';
import { park, type Parking } from '../parking/hide.ts';
import type { QueueFacts } from '../parking/queue-attributes.ts';
import { leadMs, visibilitySeconds } from '../parking/visibility.ts';
import { queueOf } from '../sqs/queue.ts';
import { inTime } from '../within.ts';

/** Kept free at the end of an invocation for parking and for the response. */
const RESERVE_MS = 500;

/** Of that, what the response alone needs: a slow SQS must not cost a whole batch its response. */
const RESPONSE_MS = 100;

/** Timers of Node that are set for longer fire at once (https://nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One call of the handler: its batch, its time, its queue. */
export interface Invocation {
  readonly batch: Batch;
  /** Which queue its messages come from: a part of their identity. */
  readonly queue: string;
  /** Whether the queue keeps an order within its groups. Fair standard queues have groups too, and no order. */
  readonly fifo: boolean;
  /** Messages due within so many milliseconds are held; later ones are parked. */
  holdLeftMs(): number;
  /** With less time than this a delivery does not start: a call that is cut off may arrive nevertheless. */
  readonly leastMs: number;
  /** Milliseconds until nothing new may start. */
  timeLeftMs(): number;
  /** What is known of the queue. */
  facts(): Promise<QueueFacts>;
  /** Hides a waiter so that it wakes a little before its due time, or exactly then if nothing is held inline. */
  parkUntilDue(waiter: Delivery, dueAtMs: number): void;
  /** Hides a message until an instant, or up to a second longer. */
  parkUntil(delivery: Delivery, atMs: number, as: Parked): void;
  /** Shows records again at once. */
  show(records: readonly SqsRecord[]): void;
  /**
   * Waits for work and for every parking call it leads to, and no longer than there is time for a response, or than a
   * batch can take that ever ends. Nothing starts afterwards.
   */
  finish(work: Promise<unknown>): Promise<void>;
}

/** @throws {TypeError} when it cannot be told which queue the messages come from, and go to when they are dead letters. */
export function openInvocation(
  settings: Settings,
  records: readonly SqsRecord[],
  batch: Batch,
  context: InvocationContext | undefined,
): Invocation {
  const { sqs, queueFacts, inlineHoldMs, usualDeliveryMs, clock, logger, metrics, onEvent } = settings;
  const { url, fifo, queue } = queueOf(settings, records, context);
  settings.onQueue(queue);
  const startedMs = clock.monotonicMs();
  const remainingMs = () => context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  let over = false;
  // Asked each time: a worker that is told to stop has less time left than it had.
  const timeLeftMs = () => (over ? 0 : remainingMs() - RESERVE_MS);
  // The time that a delivery usually takes, but never so much that a short invocation could not start any.
  const leastMs = Math.max(1, Math.min(usualDeliveryMs, timeLeftMs() / 4));
  const calls: Promise<void>[] = [];
  let gathered: Parking[] = [];
  /** What changes at one moment shares its calls: the first sends, when the moment is over, for all. */
  const hide = (hidden: readonly SqsRecord[], seconds: number) => {
    if (hidden.length === 0) return;
    if (gathered.length === 0) calls.push(Promise.resolve().then(send));
    gathered.push(...hidden.map((record) => ({ record, visibilitySeconds: seconds })));
  };
  const send = () => {
    const parkings = gathered;
    gathered = [];
    return park(sqs, url, parkings, logger);
  };
  /** Every message that is hidden passes here, so that none goes uncounted. */
  const leave = ({ message, records: hidden }: Delivery, untilMs: number, as: Parked, earlyMs: number) => {
    hide(hidden, visibilitySeconds(untilMs - clock.nowMs(), earlyMs));
    batch.keep(hidden, as);
    metrics.record('ParkedMessages', hidden.length);
    onEvent({ kind: 'parked', key: message.key, messageId: message.id, dueAtMs: Math.round(untilMs) });
  };
  return {
    batch,
    queue,
    fifo,
    leastMs,
    holdLeftMs: () => Math.min(inlineHoldMs - (clock.monotonicMs() - startedMs), timeLeftMs() - leastMs),
    timeLeftMs,
    facts: () => queueFacts(url),
    parkUntilDue: (waiter, dueAtMs) => leave(waiter, dueAtMs, 'parked', leadMs(inlineHoldMs)),
    parkUntil: (delivery, atMs, as) => leave(delivery, atMs, as, 0),
    show: (hidden) => hide(hidden, 0),
    async finish(work) {
      const done = work.then(() => Promise.all(calls));
      // A worker has no limit of time: what never ends must not keep it from the next batch.
      const longestMs = Math.min(longestBatchMs(settings, records.length, fifo), LONGEST_TIMER_MS);
      const limitMs = Math.max(0, Math.min(remainingMs() - RESPONSE_MS, longestMs));
      await inTime(clock, limitMs, done, () => {
        over = true;
        metrics.record('UnfinishedBatches', 1);
        logger.error({}, 'the time was up before all was done: what is not known to be finished is listed');
      }).catch((error: unknown) => {
        if (!over) throw error;
      });
    },
  };
}
