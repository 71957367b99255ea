import * as checks from '@huntaze/kit/checks';
import { backgroundClock, silentLogger } from '../../contract/index.ts';
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

/** What each option must be, and its value when it is left out. */
export const cloudWatchTable = {
  queue: { check: checks.queue },
  cloudWatch: { check: checks.awsClient('client-cloudwatch', '3.930.0'), default: undefined },
  region: { check: checks.region, default: undefined },
  flushIntervalMs: { check: checks.whole(1_000, 900_000), default: 60_000 },
  timeoutMs: { check: checks.whole(1, 60_000), default: 5_000 },
  maxBufferedValues: { check: checks.whole(MAX_VALUES_PER_CALL, 1_000_000), default: 10_000 },
  logger: { check: checks.logger, default: silentLogger },
  clock: { check: checks.clock, default: backgroundClock },
} satisfies checks.OptionTable<CloudWatchMetricsOptions>;
