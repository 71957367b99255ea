import type { Message } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { boundedQueue } from './polling/bounded-queue.ts';
import { finishedOf, toEvent } from './polling/to-event.ts';
import { resolveWorker, type WorkerOptions } from './worker-options.ts';
import { messageOf } from './thrown.ts';

export type { WorkerSqsClient } from './polling/sqs.ts';
export type { WorkerOptions } from './worker-options.ts';

export interface StopOptions {
  /** How long what is in hand may take to finish. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What was left when a worker stopped: 0 when all was finished in time. */
export interface StopReport {
  /** Received messages that were not finished. SQS shows them again when their visibility ends. */
  readonly leftMessages: number;
}

/** Polls a queue until it is stopped. */
export interface Worker {
  /** Begins to poll. Without effect while it runs; a stopped worker stays stopped. */
  start(): void;
  /**
   * Receives nothing more, lets what is in hand finish, and tells what could not. May be called again: the first
   * call decides. Never rejects.
   */
  stop(options?: StopOptions): Promise<StopReport>;
}

const DEFAULT_STOP_MS = 30_000;

/** How often a stopping worker looks whether its loops have ended. */
const LOOK_EVERY_MS = 20;

/**
 * Runs a handler in a long-running Node process: polls the queue, hands over batches, deletes what the handler
 * does not list, and leaves the rest hidden as the handler parked it. Any number of workers may poll one queue.
 *
 * Failed polls are logged and repeated later and later; a batch whose handler throws stays in the queue. Needs
 * the permissions of `createHandler`.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function createWorker(options: WorkerOptions): Worker {
  const settings = resolveWorker(options);
  const { queueUrl, handler, clock, logger, concurrency, pollWaitMs, signal } = settings;
  const stopping = new AbortController();
  const inHand = new Set<readonly Message[]>();
  let stopAtMs = Number.POSITIVE_INFINITY;
  let stopped: Promise<StopReport> | undefined;

  const handle = async (messages: Message[]): Promise<Message[]> => {
    inHand.add(messages);
    try {
      const context = { queueUrl, getRemainingTimeInMillis: () => stopAtMs - clock.monotonicMs() };
      return finishedOf(messages, await handler(toEvent(messages), context));
    } finally {
      inHand.delete(messages);
    }
  };
  // One loop has one batch in hand, which is the back-pressure.
  const loops = Array.from({ length: concurrency }, () => {
    const loop = new Consumer({
      queueUrl,
      sqs: boundedQueue({ ...settings, stopping: stopping.signal }),
      handleMessageBatch: handle,
      batchSize: 10,
      waitTimeSeconds: pollWaitMs / 1_000,
      messageSystemAttributeNames: ['All'],
      suppressFifoWarning: true,
      // No `heartbeatInterval`, `visibilityTimeout` or `terminateVisibilityTimeout`: they would undo what was parked.
    });
    // A message that could not be deleted comes back and is recognised as settled.
    loop.on('error', (error) =>
      logger.error({ error: messageOf(error) }, 'a batch was not finished: its messages come back'),
    );
    return loop;
  });

  const drain = async (timeoutMs: number): Promise<StopReport> => {
    stopAtMs = clock.monotonicMs() + timeoutMs;
    stopping.abort();
    for (const loop of loops) loop.stop();
    while (loops.some(({ status }) => status.isPolling) && clock.monotonicMs() < stopAtMs) {
      await clock.sleep(LOOK_EVERY_MS);
    }
    const leftMessages = [...inHand].reduce((sum, messages) => sum + messages.length, 0);
    if (leftMessages > 0) logger.warn({ leftMessages }, 'the worker stopped before all was finished');
    else logger.info({}, 'the worker stopped');
    return { leftMessages };
  };
  const worker: Worker = {
    start() {
      if (stopped) return;
      for (const loop of loops) loop.start();
    },
    stop: ({ timeoutMs = DEFAULT_STOP_MS } = {}) => (stopped ??= drain(timeoutMs)),
  };
  if (signal?.aborted) void worker.stop();
  signal?.addEventListener('abort', () => void worker.stop(), { once: true });
  return worker;
}
