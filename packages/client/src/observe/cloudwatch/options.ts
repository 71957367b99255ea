import { backgroundClock, ConfigurationError, guardPorts } from '../../contract/index.ts';
import { silentLogger, silentMetrics, silentTracer } from '../../contract/index.ts';
import type { Clock, Logger } from '../../contract/index.ts';
import { regionOf } from '../../transport/queue-url.ts';
import { queueName, queueNameProblem } from '../queue-name.ts';
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
  /** Hears when CloudWatch stops taking measurements, and when it takes them again. Default: silent. */
  readonly logger?: Logger | undefined;
  /** Default: the process's own, with timers that do not keep it alive. */
  readonly clock?: Clock | undefined;
}

/** The numbers among the options: what they are called, the least and the most that each may be, the default. */
const numbers = [
  ['flushIntervalMs', 1_000, 900_000, 60_000],
  ['timeoutMs', 1, 60_000, 5_000],
  ['maxBufferedValues', MAX_VALUES_PER_CALL, 1_000_000, 10_000],
] as const;

/** @throws {ConfigurationError} with every problem. */
export function resolveOptions(options: CloudWatchMetricsOptions) {
  const given: Partial<CloudWatchMetricsOptions> = Object(options);
  const problems = [
    queueNameProblem(given.queue),
    given.cloudWatch === undefined || typeof Object(given.cloudWatch).send === 'function'
      ? undefined
      : 'cloudWatch: expected an object with send, found something else',
    ...numbers.map(([name, least, most, usual]) => {
      const value = given[name] ?? usual;
      if (Number.isInteger(value) && value >= least && value <= most) return undefined;
      return `${name}: expected a whole number from ${least} to ${most}, found ${String(value)}`;
    }),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new ConfigurationError(problems);
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
