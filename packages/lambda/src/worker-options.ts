import { MAX_VISIBILITY_MS } from '@huntaze/kit';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
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
import * as checks from './checks/checks.ts';
import type { Handler } from './message/event.ts';
import type { WorkerSqsClient } from './sqs/worker-sqs-client.ts';

export interface WorkerOptions {
  /** The queue to poll; its visibility timeout must be longer than a batch takes. */
  readonly queueUrl: string;
  /** The handler that `createHandler` returned. */
  readonly handler: Handler;
  /** Default: a new `SQSClient` for the environment's region. */
  readonly sqs?: WorkerSqsClient;
  /** How many batches of up to 10 messages are in hand at once; nothing more is received meanwhile. Default 4, at most 100. */
  readonly concurrency?: number;
  /**
   * How long SQS waits for messages before it answers a poll, in whole seconds from 1,000 to 20,000. Default 5,000.
   * Stopping waits for the open polls, so that SQS hands no message to a stopped worker: an idle worker takes this long to
   * stop.
   */
  readonly pollWaitMs?: number;
  /** How long SQS may take for a call, beyond the wait it was asked for. Default 5,000. */
  readonly timeoutMs?: number;
  /**
   * The longest that the handler may take for a batch, 1,000 to 43,200,000. Then the batch is given up and logged,
   * its messages come back, and the next one is received. A handler of `createHandler` ends much earlier by itself.
   * Default 3,600,000.
   */
  readonly batchTimeoutMs?: number;
  /** Stops the worker when it aborts, as `stop()` does. Default: none. */
  readonly signal?: AbortSignal;
  /** Logs failed polls and the end, such as pino. Default: silent. */
  readonly logger?: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Spreads failed polls over time. Default: the engine's generator. */
  readonly random?: Random;
}

/** What each option must be. */
const workerChecks = {
  queueUrl: checks.queueUrl,
  handler: checks.expecting('what createHandler gives', (found) => typeof found === 'function'),
  sqs: checks.sqs,
  concurrency: checks.optional(checks.whole(1, 100)),
  pollWaitMs: checks.optional(
    checks.expecting(
      'whole seconds from 1000 to 20000',
      (found) => checks.isWithin(found, 1_000, 20_000) && found % 1_000 === 0,
    ),
  ),
  timeoutMs: checks.optional(checks.whole(1, 60_000)),
  batchTimeoutMs: checks.optional(checks.whole(1_000, MAX_VISIBILITY_MS)),
  signal: checks.optional(checks.having('addEventListener')),
  logger: checks.logger,
  clock: checks.clock,
  random: checks.random,
} satisfies Record<keyof WorkerOptions, checks.Check>;

/**
 * Checks the options and fills in the defaults, once.
 * @throws {ConfigurationError} with every problem.
 */
export function resolveWorker(options: WorkerOptions) {
  checks.requireOptions(workerChecks, options);
  const { logger } = guardPorts({
    logger: options.logger ?? silentLogger,
    metrics: silentMetrics,
    tracer: silentTracer,
  });
  return Object.freeze({
    ...options,
    concurrency: options.concurrency ?? 4,
    pollWaitMs: options.pollWaitMs ?? 5_000,
    timeoutMs: options.timeoutMs ?? 5_000,
    batchTimeoutMs: options.batchTimeoutMs ?? 3_600_000,
    logger,
    sqs: options.sqs ?? new SQSClient(),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
  });
}
