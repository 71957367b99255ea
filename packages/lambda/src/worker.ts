import { SQSClient, type Message } from '@aws-sdk/client-sqs';
import {
  ConfigurationError,
  guardPorts,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  type Clock,
  type Logger,
  type Random,
} from '@huntaze/rate-limiter-client/contract';
import { Consumer } from 'sqs-consumer';
import type { Handler } from './handler.ts';
import { boundedQueue } from './polling/bounded-queue.ts';
import type { WorkerSqsClient } from './polling/sqs.ts';
import { finishedOf, toEvent } from './polling/to-event.ts';
import { messageOf } from './thrown.ts';
import { wholeProblems } from './whole.ts';

export type { WorkerSqsClient } from './polling/sqs.ts';

export interface WorkerOptions {
  /** The queue to poll; its visibility timeout must be longer than a batch takes. */
  readonly queueUrl: string;
  /** What `createHandler` gave. */
  readonly handler: Handler;
  /** Default: a new `SQSClient` for the environment's region. */
  readonly sqs?: WorkerSqsClient;
  /** How many batches of up to 10 messages are in hand at once; nothing more is received meanwhile. Default 4, at most 100. */
  readonly concurrency?: number;
  /**
   * How long SQS waits for messages before it answers a poll, in whole seconds from 1,000 to 20,000. Default 5,000.
   * Stopping waits for the open polls, lest a message is sent to nobody and stays hidden: an idle worker takes this
   * long to stop.
   */
  readonly pollWaitMs?: number;
  /** How long SQS may take for a call, beyond the wait it was asked for. Default 5,000. */
  readonly timeoutMs?: number;
  /** Stops the worker when it aborts, as `stop()` does. */
  readonly signal?: AbortSignal;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
}

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
  const settings = resolve(options);
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

function resolve(options: WorkerOptions) {
  const { concurrency = 4, pollWaitMs = 5_000, timeoutMs = 5_000 } = options;
  const problems = [
    ...(options.queueUrl ? [] : ['queueUrl: expected the URL of a queue, found nothing']),
    ...(typeof options.handler === 'function'
      ? []
      : ['handler: expected what createHandler gives, found no function']),
    ...wholeProblems('concurrency', concurrency, 1, 100),
    ...wholeProblems('pollWaitMs', pollWaitMs, 1_000, 20_000),
    ...(pollWaitMs % 1_000 === 0 ? [] : [`pollWaitMs: expected whole seconds, found ${String(pollWaitMs)}`]),
    ...wholeProblems('timeoutMs', timeoutMs, 1, 60_000),
  ];
  if (problems.length > 0) throw new ConfigurationError(problems);
  const { logger } = guardPorts({
    logger: options.logger ?? silentLogger,
    metrics: silentMetrics,
    tracer: silentTracer,
  });
  return Object.freeze({
    ...options,
    concurrency,
    pollWaitMs,
    timeoutMs,
    logger,
    sqs: options.sqs ?? new SQSClient(),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  });
}
