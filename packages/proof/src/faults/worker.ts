import { SQSClient } from '@aws-sdk/client-sqs';
import { silentLogger, silentMetrics } from '@huntaze/rate-limiter-client/contract';
import {
  createHandler,
  slidingWindow,
  type DeliveryMode,
  type HandlerEvent,
  type Limiter,
} from '@huntaze/rate-limiter-lambda';
import {
  SENT_AT_HEADER,
  startEventSourceMapping,
  type EventSourceMapping,
  type TestQueue,
} from '@huntaze/testkit';
import { impatient } from './impatient-sqs.ts';
import { watchForLateness, type OnLate } from './late-watch.ts';
import { LIMIT, WINDOW_MS } from './verdicts.ts';

/** What it takes to work on a scene, in this process or in another. */
export interface WorkerOptions {
  readonly sqs: SQSClient;
  readonly queue: TestQueue;
  readonly upstreamUrl: string;
  readonly limiter: Limiter;
  readonly delivery: DeliveryMode;
  readonly leaseMs: number;
  readonly functionTimeoutMs: number;
  readonly around?: Around;
  /** What a delivery usually takes. Default: the handler's, for an upstream that answers at once. */
  readonly marginMs?: number;
  /** How long a delivery may take. Default: the handler's. */
  readonly deliverTimeoutMs?: number;
  /** How many messages of a batch are delivered at once. Default: the handler's. */
  readonly concurrency?: number;
  /** How many batches are worked on at once. Default 10, more than the messages of a scene fill: those sent last are asked about at once. */
  readonly batchesAtOnce?: number;
  /** Whether the handler is kept from knowing how much time is left, so that the function runs into its end. */
  readonly blind?: boolean;
  readonly onEvent?: (event: HandlerEvent) => void;
  /** Hears of each message that somebody else may have taken over, because this process was late. */
  readonly onLate: OnLate;
}

/** Called in `deliver`. */
export interface Around {
  /** Before the call of the upstream. */
  before?(id: string): unknown;
  /** After its answer. */
  after?(id: string): unknown;
  /** At the end, whatever it is; `cutOff`: because the time to deliver was over, and without success. */
  end?(id: string, cutOff: boolean): unknown;
}

/** Runs the handler on a queue under the mapping, as a function of AWS would. */
export function startWorker(options: WorkerOptions): Promise<EventSourceMapping> {
  const { sqs, queue, upstreamUrl, delivery, leaseMs, functionTimeoutMs, around, blind } = options;
  const { concurrency, batchesAtOnce = 10, marginMs, deliverTimeoutMs, onEvent } = options;
  const { limiter, began } = watchForLateness(options.limiter, options.onLate);
  const handler = createHandler({
    limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
    limiter,
    delivery,
    leaseMs,
    // The mapping passes for Lambda, where both would be written to the log.
    logger: silentLogger,
    metrics: silentMetrics,
    sqs: impatient(sqs),
    queueUrl: queue.queueUrl,
    deadLetterQueueUrl: queue.deadLetterQueueUrl,
    deliver: async ({ id, key }, { signal }) => {
      const ended = began(id);
      let succeeded = false;
      try {
        await around?.before?.(id);
        const body = JSON.stringify({ id, key });
        const headers = { [SENT_AT_HEADER]: String(performance.timeOrigin + performance.now()) };
        const response = await fetch(upstreamUrl, { method: 'POST', headers, body, signal });
        await response.arrayBuffer();
        await around?.after?.(id);
        if (!response.ok) throw new Error(`expected the upstream to answer 200, found ${response.status}`);
        succeeded = true;
      } finally {
        ended(signal.aborted);
        await around?.end?.(id, signal.aborted && !succeeded);
      }
    },
    ...(concurrency !== undefined && { concurrency }),
    ...(marginMs !== undefined && { marginMs }),
    ...(deliverTimeoutMs !== undefined && { deliverTimeoutMs }),
    ...(onEvent && { onEvent }),
  });
  return startEventSourceMapping({
    sqs,
    queueUrl: queue.queueUrl,
    queueArn: queue.arn,
    handler: blind ? (event) => handler(event) : handler,
    functionTimeoutMs,
    maxConcurrency: batchesAtOnce,
  });
}
