import { MAX_VISIBILITY_MS } from '@huntaze/kit';
import { ownSqs } from '@huntaze/kit/sqs-client';
import {
  guardPorts,
  silentLogger,
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
  /** Default: its own, for the region in `queueUrl`, with connections for all polls and deletions at once. */
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

const pollWait = checks.expecting(
  'whole seconds from 1000 to 20000',
  (found) => checks.isWithin(found, 1_000, 20_000) && found % 1_000 === 0,
);

const workerTable = {
  queueUrl: { check: checks.queueUrl },
  handler: { check: checks.expecting('what createHandler gives', (found) => typeof found === 'function') },
  sqs: { check: checks.sqs, default: undefined },
  concurrency: { check: checks.whole(1, 100), default: 4 },
  pollWaitMs: { check: pollWait, default: 5_000 },
  timeoutMs: { check: checks.whole(1, 60_000), default: 5_000 },
  batchTimeoutMs: { check: checks.whole(1_000, MAX_VISIBILITY_MS), default: 3_600_000 },
  signal: { check: checks.having('addEventListener'), default: undefined },
  logger: { check: checks.logger, default: silentLogger },
  clock: { check: checks.clock, default: systemClock },
  random: { check: checks.random, default: systemRandom },
} satisfies checks.OptionTable<WorkerOptions>;

/**
 * Checks the options and fills in the defaults, once.
 * @throws {ConfigurationError} with every problem.
 */
export function resolveWorker(options: WorkerOptions) {
  const settings = checks.readOptions<WorkerOptions, typeof workerTable>(workerTable, options);
  // A connection for the poll of each loop, and one for its deletions: neither waits for the other.
  const { sqs = ownSqs({ maxSockets: 2 * settings.concurrency }) } = settings;
  return Object.freeze({ ...settings, sqs, logger: guardPorts(settings).logger });
}
