import { queueName, regionOf } from '@huntaze/kit';
import * as checks from '@huntaze/kit/checks';
import { requireOptions } from '../../contract/require-options.ts';
import { backgroundClock, guardPorts } from '../../contract/index.ts';
import { silentLogger, silentMetrics, silentTracer } from '../../contract/index.ts';
import type { Clock, Logger } from '../../contract/index.ts';
import { MAX_VALUES_PER_CALL } from './buffer.ts';
import type { CloudWatch } from './client.ts';

/** How {@link cloudWatchMetrics} are made. */
export interface CloudWatchMetricsOptions {
  /** The queue whose messages are measured, by its URL, ARN or name. Its name is the dimension of every metric. */
  readonly queue: string;
  /**
   * The CloudWatch client: a `CloudWatchClient`, or any object with its `send`. It stays yours. Default: a new one for
   * the region in the queue's URL, with credentials as the AWS SDK finds them.
   */
  readonly cloudWatch?: CloudWatch | undefined;
  /** The region of that new client where the queue's URL names none. Default: the one that the AWS SDK finds. */
  readonly region?: string | undefined;
  /** How long measurements are kept before they are sent. Default 60,000: CloudWatch keeps a point per minute. */
  readonly flushIntervalMs?: number | undefined;
  /** How long one request may take. Default 5,000. */
  readonly timeoutMs?: number | undefined;
  /** How many numbers are kept while CloudWatch cannot be reached; beyond them the oldest are dropped. Default 10,000. */
  readonly maxBufferedValues?: number | undefined;
  /** Gets one line when CloudWatch stops taking measurements, when it takes them again, and when it begins to refuse some. Default: silent. */
  readonly logger?: Logger | undefined;
  /** Default: the process's own, with timers that do not keep it alive. */
  readonly clock?: Clock | undefined;
}

/** What each option must be. */
const cloudWatchChecks = {
  queue: checks.queue,
  cloudWatch: checks.optional(checks.having('send')),
  region: checks.optional(checks.region),
  flushIntervalMs: checks.optional(checks.whole(1_000, 900_000)),
  timeoutMs: checks.optional(checks.whole(1, 60_000)),
  maxBufferedValues: checks.optional(checks.whole(MAX_VALUES_PER_CALL, 1_000_000)),
  logger: checks.logger,
  clock: checks.clock,
} satisfies Record<keyof CloudWatchMetricsOptions, checks.Check>;

/** @throws {ConfigurationError} with every problem. */
export function resolveOptions(options: CloudWatchMetricsOptions) {
  requireOptions(cloudWatchChecks, options);
  const { logger } = guardPorts({
    logger: options.logger ?? silentLogger,
    metrics: silentMetrics,
    tracer: silentTracer,
  });
  return {
    queueName: queueName(options.queue),
    cloudWatch: options.cloudWatch,
    region: regionOf(options.queue) ?? options.region,
    flushIntervalMs: options.flushIntervalMs ?? 60_000,
    timeoutMs: options.timeoutMs ?? 5_000,
    maxBufferedValues: options.maxBufferedValues ?? 10_000,
    logger,
    clock: options.clock ?? backgroundClock,
  };
}
