import type { SQSEvent } from 'aws-lambda';
import { deliverBatch, type InvocationReport } from './batch.ts';
import { resolveConfiguration, type MappingConfiguration } from './configuration.ts';
import { toRecord } from './event.ts';
import { gatherBatch, type GatheredBatch } from './gather.ts';
import type { LambdaHandler } from './invoke.ts';
import { pollUntilStopped } from './poller.ts';
import { mappingQueue, type MappingQueue, type MappingSqs } from './queue.ts';
import { openSlots } from './slots.ts';
import { newCounters, type MappingStats } from './stats.ts';

/** A queue, a handler and the configuration between them. */
export interface EventSourceMappingOptions extends MappingConfiguration {
  readonly sqs: MappingSqs;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly handler: LambdaHandler;
  /** Called after each invocation, when its messages are deleted. Must not throw: `stop` would reject with it. */
  readonly onInvocation?: (report: InvocationReport) => void;
  /** True refuses an invocation, as reserved concurrency does when it is used up. Default: none is refused. */
  readonly throttle?: (event: SQSEvent) => boolean;
}

/** A running mapping. */
export interface EventSourceMapping {
  readonly stats: MappingStats;
  /**
   * Stops receiving and waits for the polls and invocations under way: what SQS has handed out is still
   * delivered. A throttled batch is given up. May be called again.
   * @throws {AggregateError} when a hook threw, or SQS handed out a message without all its facts.
   */
  stop(): Promise<void>;
}

/** How much longer than its own wait a poll may take before `stop` cuts it off. */
const POLL_GRACE_MS = 2_000;

/**
 * Connects a queue to a handler as Lambda's event source mapping does, with `ReportBatchItemFailures` on:
 * unlisted messages are deleted, listed ones are left as they are, and a failed batch comes back whole.
 * It keeps the rules of AWS and bends none. Left out: scaling beyond the pollers, and filters.
 * @throws {Error} when AWS would refuse the configuration, or the queue does not answer.
 */
export async function startEventSourceMapping(
  options: EventSourceMappingOptions,
): Promise<EventSourceMapping> {
  const queue = mappingQueue(options.sqs, options.queueUrl);
  const visibilityMs = await queue.visibilityMs();
  const configuration = resolveConfiguration(options, { arn: options.queueArn, visibilityMs });
  return run(options, queue, configuration, visibilityMs);
}

function run(
  options: EventSourceMappingOptions,
  queue: MappingQueue,
  configuration: Required<MappingConfiguration>,
  visibilityMs: number,
): EventSourceMapping {
  const counters = newCounters();
  const faults: unknown[] = [];
  const stopping = new AbortController();
  const abandoned = new AbortController();
  const slots = openSlots(configuration.maxConcurrency);
  const { throttle = () => false, onInvocation = () => {}, handler } = options;
  const { functionTimeoutMs } = configuration;
  const delivery = {
    queue,
    handler,
    functionTimeoutMs,
    throttle,
    onInvocation,
    counters,
    stopping: stopping.signal,
  };

  const deliver = async ({ messages, receivedAtMs }: GatheredBatch) => {
    try {
      const records = messages.map((message) => toRecord(message, options.queueArn));
      await deliverBatch(records, receivedAtMs + visibilityMs, delivery);
    } catch (fault) {
      faults.push(fault);
    }
  };
  const poll = () =>
    pollUntilStopped({
      slots,
      stopping: stopping.signal,
      gather: () =>
        gatherBatch(queue, configuration, { stopping: stopping.signal, abandoned: abandoned.signal }),
      deliver,
      onFailedPoll: () => counters.failedPolls++,
    });
  const pollers = Promise.all(Array.from({ length: configuration.pollers }, poll));

  const shutDown = async () => {
    stopping.abort();
    const cutOff = setTimeout(() => abandoned.abort(), configuration.pollWaitSeconds * 1_000 + POLL_GRACE_MS);
    await pollers;
    clearTimeout(cutOff);
    if (faults.length > 0)
      throw new AggregateError(faults, `the mapping met ${faults.length} faults: ${faults.join('; ')}`);
  };
  let stopped: Promise<void> | undefined;
  return { stats: counters, stop: () => (stopped ??= shutDown()) };
}
