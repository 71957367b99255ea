import { answerInTime, errorMessage } from '@huntaze/kit';
import type { Message } from '@aws-sdk/client-sqs';
import * as checks from './checks/checks.ts';
import { Consumer } from 'sqs-consumer';
import { boundedQueue } from './sqs/bounded-queue.ts';
import { finishedOf, toEvent } from './sqs/to-event.ts';
import { resolveWorker, type WorkerOptions } from './worker-options.ts';

export type { WorkerSqsClient } from './sqs/worker-sqs-client.ts';
export type { WorkerOptions } from './worker-options.ts';

export interface StopOptions {
  /** How long what is in hand may take to finish. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What each option of a stop must be. */
const stopChecks = {
  timeoutMs: checks.optional(checks.whole(0, Number.MAX_SAFE_INTEGER)),
} satisfies Record<keyof StopOptions, checks.Check>;

/** What was left when a worker stopped: 0 when all was finished in time. */
export interface StopReport {
  /** Received messages that were not finished. SQS shows them again when their visibility ends. */
  readonly leftMessages: number;
}

/** How a worker gets on: for a probe of its host, or an alarm. */
export interface WorkerHealth {
  /**
   * How long the slowest polling loop has been at its present step, one poll or one batch. It stays below the longer of
   * both bounds as long as the worker makes progress: beyond `batchTimeoutMs` and a minute, start the process anew.
   * 0 unless the worker runs.
   */
  readonly longestStepMs: number;
  /** Batches that were given up because they took longer than `batchTimeoutMs`. */
  readonly batchesGivenUp: number;
  /** How many polls of one loop have failed in a row: a queue that is away, or may not be read. 0 when all were answered. */
  readonly failedPolls: number;
  /** Why the last poll failed: the error's name, and what the AWS SDK lacks. Undefined when it was answered. */
  readonly pollProblem: string | undefined;
}

/** Polls a queue until it is stopped. */
export interface Worker {
  /** Begins to poll. Without effect while it runs; a stopped worker stays stopped. */
  start(): void;
  /**
   * Receives nothing more, lets what is in hand finish, and tells what could not. May be called again: the first
   * call decides. Never rejects: options that are wrong are logged, and the default holds.
   */
  stop(options?: StopOptions): Promise<StopReport>;
  /** Tells how the worker gets on, without asking anybody. */
  health(): WorkerHealth;
}

const DEFAULT_STOP_MS = 30_000;

/** A batch that is in hand for so long is logged, while it may still end. */
const LONG_BATCH_MS = 300_000;

/** How often a stopping worker looks whether its loops have ended. */
const LOOK_EVERY_MS = 20;

/**
 * Runs a handler in a long-running Node process: polls the queue, hands over batches, deletes what the handler
 * does not list, and leaves the rest hidden as the handler parked it. Any number of workers may poll one queue.
 *
 * Failed polls are logged and repeated later and later; a batch whose handler throws, or does not end within
 * `batchTimeoutMs`, stays in the queue. Needs the permissions of `createHandler`.
 * @throws {ConfigurationError} with every problem of the options.
 */
export function createWorker(options: WorkerOptions): Worker {
  const settings = resolveWorker(options);
  const { queueUrl, handler, clock, logger, concurrency, pollWaitMs, batchTimeoutMs, signal } = settings;
  const stopping = new AbortController();
  const inHand = new Set<readonly Message[]>();
  let stopAtMs = Number.POSITIVE_INFINITY;
  let stopped: Promise<StopReport> | undefined;
  let batchesGivenUp = 0;
  /** When each loop began its present step; none while it is not started. */
  const stepAtMs = new Map<Consumer, number>();
  /** Of each loop, how many of its polls have failed in a row. */
  const failedPolls = Array.from({ length: concurrency }, () => 0);
  let pollProblem: string | undefined;

  const handle = async (messages: Message[]): Promise<Message[]> => {
    inHand.add(messages);
    const ended = new AbortController();
    const tell = async () => {
      await clock.sleep(LONG_BATCH_MS, ended.signal);
      if (!ended.signal.aborted)
        logger.warn({ messages: messages.length }, 'a batch has been in hand for long');
    };
    try {
      const context = { queueUrl, getRemainingTimeInMillis: () => stopAtMs - clock.monotonicMs() };
      void tell();
      // A handler that never answers must not keep its loop from the next batch.
      const answer = (async () => await handler(toEvent(messages), context))();
      return finishedOf(
        messages,
        await answerInTime({ clock, timeoutMs: batchTimeoutMs }, answer, () => void batchesGivenUp++),
      );
    } finally {
      ended.abort('ended');
      inHand.delete(messages);
    }
  };
  // One loop has one batch in hand, which is the back-pressure.
  const loops = failedPolls.map((_, index) => {
    const onReceive = (failures: number, problem?: string) => {
      failedPolls[index] = failures;
      pollProblem = problem;
    };
    const loop = new Consumer({
      queueUrl,
      sqs: boundedQueue({ ...settings, stopping: stopping.signal, onReceive }),
      handleMessageBatch: handle,
      batchSize: 10,
      waitTimeSeconds: pollWaitMs / 1_000,
      messageSystemAttributeNames: ['All'],
      suppressFifoWarning: true,
      // No `heartbeatInterval`, `visibilityTimeout` or `terminateVisibilityTimeout`: they would undo what was parked.
    });
    const begin = () => void stepAtMs.set(loop, clock.monotonicMs());
    for (const event of ['started', 'message_received', 'empty', 'response_processed'] as const)
      loop.on(event, begin);
    // A message that could not be deleted comes back and is recognised as settled.
    loop.on('error', (error) =>
      logger.error({ error: errorMessage(error) }, 'a batch was not finished: its messages come back'),
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
  const stop = (given: StopOptions): Promise<StopReport> => {
    const problems = checks.groupProblems(stopChecks, given, 'stop.');
    if (problems.length === 0) return drain(given.timeoutMs ?? DEFAULT_STOP_MS);
    logger.warn({ problems: problems.join('; ') }, 'the options of a stop are wrong: its default holds');
    return drain(DEFAULT_STOP_MS);
  };
  const worker: Worker = {
    start() {
      if (stopped) return;
      for (const loop of loops) loop.start();
    },
    stop: (given = {}) => (stopped ??= stop(given)),
    health: () => ({
      longestStepMs: stopped
        ? 0
        : Math.max(0, ...[...stepAtMs.values()].map((atMs) => clock.monotonicMs() - atMs)),
      batchesGivenUp,
      failedPolls: Math.max(...failedPolls),
      pollProblem,
    }),
  };
  if (signal?.aborted) void worker.stop();
  signal?.addEventListener('abort', () => void worker.stop(), { once: true });
  return worker;
}
