/** The rules AWS has for an event source mapping from SQS. Defaults are AWS's own, except where noted. */
export interface MappingConfiguration {
  /** Messages of one invocation at most. Default 10. */
  readonly batchSize?: number;
  /** How long a batch may wait to fill, in whole seconds' worth of milliseconds. Default 0: as soon as something arrives. */
  readonly batchingWindowMs?: number;
  /** Invocations at once. Default 5; AWS has none, and then starts with five. */
  readonly maxConcurrency?: number;
  /** After this an invocation is given up and its whole batch has failed. */
  readonly functionTimeoutMs: number;
  /** Loops that receive. Default 5, or `maxConcurrency` if that is less. */
  readonly pollers?: number;
  /**
   * How long one receive waits for a message. Default 1; AWS uses 20. A poll cannot be taken back: SQS keeps
   * serving it after the caller is gone. So `stop` lets it end, and a short one makes that quick.
   */
  readonly pollWaitSeconds?: number;
}

/** What the mapping needs to know of the queue. */
export interface QueueFacts {
  readonly arn: string;
  readonly visibilityMs: number;
}

/** How many batches a mapping reads at first (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html). */
const INITIAL_POLLERS = 5;

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html */
const MAX_BATCH_SIZE = { standard: 10_000, fifo: 10 };
const MAX_WINDOW_MS = 300_000;

/** A batch larger than one receive can bring needs time to gather (same page). */
const LARGEST_BATCH_WITHOUT_WINDOW = 10;
const SMALLEST_WINDOW_FOR_LARGE_BATCH_MS = 1_000;

/** https://docs.aws.amazon.com/lambda/latest/api/API_ScalingConfig.html */
const CONCURRENCY = { min: 2, max: 1_000 };

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html */
const MAX_FUNCTION_TIMEOUT_MS = 900_000;

const MAX_POLL_WAIT_SECONDS = 20;

/**
 * Fills in the defaults.
 * @throws {Error} with everything that AWS would refuse when the mapping is created.
 */
export function resolveConfiguration(
  given: MappingConfiguration,
  queue: QueueFacts,
): Required<MappingConfiguration> {
  const maxConcurrency = given.maxConcurrency ?? 5;
  const configuration = {
    batchSize: given.batchSize ?? 10,
    batchingWindowMs: given.batchingWindowMs ?? 0,
    maxConcurrency,
    functionTimeoutMs: given.functionTimeoutMs,
    pollers: given.pollers ?? Math.min(INITIAL_POLLERS, maxConcurrency),
    pollWaitSeconds: given.pollWaitSeconds ?? 1,
  };
  const problems = [...rangeProblems(configuration, queue), ...combinationProblems(configuration, queue)];
  if (problems.length > 0) throw new Error(`AWS would refuse this mapping: ${problems.join('; ')}`);
  return configuration;
}

function rangeProblems(configuration: Required<MappingConfiguration>, queue: QueueFacts): string[] {
  const maxBatchSize = isFifo(queue) ? MAX_BATCH_SIZE.fifo : MAX_BATCH_SIZE.standard;
  const ranges: readonly [keyof MappingConfiguration, number, number][] = [
    ['batchSize', 1, maxBatchSize],
    ['batchingWindowMs', 0, MAX_WINDOW_MS],
    ['maxConcurrency', CONCURRENCY.min, CONCURRENCY.max],
    ['functionTimeoutMs', 1, MAX_FUNCTION_TIMEOUT_MS],
    ['pollers', 1, CONCURRENCY.max],
    ['pollWaitSeconds', 1, MAX_POLL_WAIT_SECONDS],
  ];
  return ranges
    .filter(([name, min, max]) => !isWholeBetween(configuration[name], min, max))
    .map(([name, min, max]) => `expected ${name} from ${min} to ${max}, found ${configuration[name]}`);
}

function combinationProblems(configuration: Required<MappingConfiguration>, queue: QueueFacts): string[] {
  const { batchSize, batchingWindowMs, functionTimeoutMs } = configuration;
  const problems: string[] = [];
  if (batchSize > LARGEST_BATCH_WITHOUT_WINDOW && batchingWindowMs < SMALLEST_WINDOW_FOR_LARGE_BATCH_MS) {
    problems.push(
      `expected a batchingWindowMs of at least ${SMALLEST_WINDOW_FOR_LARGE_BATCH_MS} with a batchSize of ${batchSize}, found ${batchingWindowMs}`,
    );
  }
  if (isFifo(queue) && batchingWindowMs > 0) {
    problems.push(`expected no batchingWindowMs for a FIFO queue, found ${batchingWindowMs}`);
  }
  if (queue.visibilityMs < functionTimeoutMs) {
    problems.push(
      `expected the queue's visibility to last at least the function timeout of ${functionTimeoutMs} ms, found ${queue.visibilityMs} ms`,
    );
  }
  return problems;
}

function isFifo({ arn }: QueueFacts): boolean {
  return arn.endsWith('.fifo');
}

function isWholeBetween(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
