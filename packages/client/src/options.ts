import {
  ConfigurationError,
  jsonPayload,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  uuidIds,
} from './contract/index.ts';
import type {
  Clock,
  Ids,
  JsonValue,
  Logger,
  Metrics,
  PayloadSchema,
  Random,
  Tracer,
} from './contract/index.ts';
import { optionProblems } from './option-problems.ts';
import { isFifo } from './transport/queue-url.ts';
import type { Sqs } from './transport/sqs.ts';

/** How a client is made. Everything but `queueUrl` has a default. */
export interface ClientOptions<Schema extends PayloadSchema = PayloadSchema<JsonValue>> {
  /** The SQS queue, standard or FIFO: `https://sqs.eu-west-1.amazonaws.com/123456789012/messages`. */
  readonly queueUrl: string;
  /** The queue's dead-letter queue, which `status` then counts too. Default: none. */
  readonly deadLetterQueueUrl?: string | undefined;
  /**
   * The SQS client: an `SQSClient`, or any object with its `send`. Create it with `maxAttempts: 1`,
   * because retries are made here. It stays yours: `close` leaves it open. Default: a new `SQSClient`
   * for the region in `queueUrl`, with credentials as the AWS SDK finds them.
   */
  readonly sqs?: Sqs | undefined;
  /** What a payload must be: any Standard Schema, such as one of zod, or `onlyFansMessage`. Default: any JSON data. */
  readonly payload?: Schema | undefined;
  /** Most requests that one `batch` keeps under way, 1 to 32. Default: 4. A FIFO queue allows 1, which keeps the order. */
  readonly batchConcurrency?: number | undefined;
  /** Default: the process's own. */
  readonly clock?: Clock | undefined;
  /** Makes the ids of messages that come without one. Default: UUID version 4. */
  readonly ids?: Ids | undefined;
  /** Spreads retries over time. Default: the engine's generator. */
  readonly random?: Random | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
  /** Receives `MessagesQueued`. Default: none. */
  readonly metrics?: Metrics | undefined;
  /** Makes a span per message, which the handler continues. Default: none. */
  readonly tracer?: Tracer | undefined;
}

/** {@link ClientOptions} checked, with every default filled in. Without `sqs` a client is to be created. */
export interface ResolvedOptions {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly sqs: Sqs | undefined;
  readonly payload: PayloadSchema;
  readonly batchConcurrency: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
}

/** Requests that a batch keeps under way when the host does not say: enough to hide the way to SQS and back. */
const DEFAULT_BATCH_CONCURRENCY = 4;

/**
 * Checks the options and fills in the defaults, once.
 * @throws {ConfigurationError} with every problem.
 */
export function resolveOptions(options: ClientOptions<PayloadSchema>): ResolvedOptions {
  const problems = optionProblems(Object(options));
  if (problems.length > 0) throw new ConfigurationError(problems);
  const { queueUrl, deadLetterQueueUrl, sqs } = options;
  return Object.freeze({
    queueUrl,
    deadLetterQueueUrl,
    sqs,
    payload: options.payload ?? jsonPayload,
    batchConcurrency: options.batchConcurrency ?? (isFifo(queueUrl) ? 1 : DEFAULT_BATCH_CONCURRENCY),
    clock: options.clock ?? systemClock,
    ids: options.ids ?? uuidIds,
    random: options.random ?? systemRandom,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
    tracer: options.tracer ?? silentTracer,
  });
}
