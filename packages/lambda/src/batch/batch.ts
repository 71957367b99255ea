import type { Logger } from '@huntaze/rate-limiter-client/contract';
import type { InvocationContext, SqsRecord } from '../message/event.ts';
import { openHiding } from '../parking/hide.ts';
import type { QueueAttributesReader } from '../parking/queue-attributes.ts';
import { queueOf, type QueueSettings } from '../sqs/queue.ts';
import type { SqsClient } from '../sqs/sqs-client.ts';
import { longestBatchMs, type BatchTimeSettings } from './batch-time.ts';
import type { BatchReport } from './batch-report.ts';
import { concludeWith, type ConcludeSettings } from './conclude.ts';

/** Kept free at the end of an invocation for parking and for the response. */
const RESERVE_MS = 500;

/** Of that, the response's own part: a slow SQS must not cost a whole batch its response. */
const RESPONSE_MS = 100;

/** Node fires a timer that is set for longer at once (https://nodejs.org/api/timers.html). */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The settings of a batch. */
export interface BatchSettings extends BatchTimeSettings, ConcludeSettings, QueueSettings {
  readonly sqs: SqsClient;
  readonly readAttributes: QueueAttributesReader;
  /** Called with the queue of each batch. */
  readonly onQueue: (queue: string) => void;
  /** How long a delivery usually takes at most. */
  readonly usualDeliveryMs: number;
  readonly logger: Logger;
}

/** One call of the handler: its records, its queue, its time, and the only place that acts on conclusions. */
export type Batch = ReturnType<typeof openBatch>;

/** @throws {TypeError} when the records name no queue, or more than one, or their own dead-letter queue. */
export function openBatch(
  settings: BatchSettings,
  records: readonly SqsRecord[],
  report: BatchReport,
  context: InvocationContext | undefined,
) {
  const { sqs, readAttributes, inlineHoldMs, usualDeliveryMs, clock, logger, metrics } = settings;
  const { url, fifo, identity } = queueOf(settings, records, context);
  settings.onQueue(identity);
  const startedMs = clock.monotonicMs();
  const remainingMs = () => context?.getRemainingTimeInMillis() ?? Number.POSITIVE_INFINITY;
  const closed = new AbortController();
  let over = false;
  /** Milliseconds until nothing new may start. Read each time: a worker that is told to stop has less left than before. */
  const timeLeftMs = (): number => (over ? 0 : remainingMs() - RESERVE_MS);
  /**
   * A delivery starts only with this much time left: a call that is cut off may arrive nevertheless. The time that one
   * usually takes, but never so much that a short invocation could not start any.
   */
  const leastMs = Math.max(1, Math.min(usualDeliveryMs, timeLeftMs() / 4));
  const hiding = openHiding(sqs, url, logger);
  return {
    records,
    report,
    queue: {
      identity,
      /** Whether it keeps an order within its groups. Fair standard queues have groups too, and no order. */
      fifo,
      attributes: () => readAttributes(url),
    },
    leastMs,
    /** Messages due within so many milliseconds are held; later ones are parked. */
    holdLeftMs: () => Math.min(inlineHoldMs - (clock.monotonicMs() - startedMs), timeLeftMs() - leastMs),
    timeLeftMs,
    conclude: concludeWith(settings, report, hiding),
    /** Resolves when every call that hides a message has ended. */
    hidden: () => hiding.done(),
    /**
     * Resolves when the time for the batch is over: the invocation's, or the longest that a batch can take that ever ends.
     * Nothing starts afterwards. Resolves early once the batch is closed.
     */
    async timeIsUp(): Promise<void> {
      // A worker has no limit of time: work that never ends must not keep it from the next batch.
      const longestMs = Math.min(longestBatchMs(settings, records.length, fifo), LONGEST_TIMER_MS);
      await clock.sleep(Math.max(0, Math.min(remainingMs() - RESPONSE_MS, longestMs)), closed.signal);
      if (closed.signal.aborted) return;
      over = true;
      metrics.record('UnfinishedBatches', 1);
      logger.error({}, 'the time was up before all was done: what is not known to be finished is listed');
    },
    /** Ends the watch over the time. With a reason: without one, an error with its stack would be made for every batch. */
    close: () => closed.abort('closed'),
  };
}
