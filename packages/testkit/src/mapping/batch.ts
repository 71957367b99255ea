import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { toEvents } from './event.ts';
import { invoke, type Invocation, type LambdaHandler } from './invoke.ts';
import { backoffMs, pause } from '../pause.ts';
import type { MappingQueue } from './queue.ts';
import { judgeResponse, type Verdict } from './response.ts';
import type { MappingCounters } from './stats.ts';

/** One finished invocation, as a test may look at it. */
export interface InvocationReport {
  readonly event: SQSEvent;
  readonly invocation: Invocation;
  readonly verdict: Verdict;
}

/** What it takes to deliver a batch. */
export interface BatchDelivery {
  readonly queue: MappingQueue;
  readonly handler: LambdaHandler;
  readonly functionTimeoutMs: number;
  readonly throttle: (event: SQSEvent) => boolean;
  readonly onInvocation: (report: InvocationReport) => void;
  readonly counters: MappingCounters;
  /** Ends the retries of throttled invocations. */
  readonly stopping: AbortSignal;
}

/** Pauses between tries of a throttled invocation. AWS does not publish its own. */
const THROTTLE_BACKOFF_MS = { first: 50, longest: 1_000 };

/**
 * Invokes the function with a batch and deletes what it reported as done.
 * @param visibleAgainAtMs when the first message of the batch is visible again, on `performance.now()`'s clock.
 */
export async function deliverBatch(
  records: readonly SQSRecord[],
  visibleAgainAtMs: number,
  delivery: BatchDelivery,
): Promise<void> {
  for (const { messageId, attributes } of records) {
    delivery.counters.receives.set(messageId, Number(attributes.ApproximateReceiveCount));
  }
  for (const event of toEvents(records)) {
    if (await isAdmitted(event, visibleAgainAtMs, delivery)) await deliverEvent(event, delivery);
    else delivery.counters.droppedBatches++;
  }
}

/**
 * Lambda retries a throttled invocation until the messages' visibility ends, then drops it
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
 */
async function isAdmitted(
  event: SQSEvent,
  visibleAgainAtMs: number,
  delivery: BatchDelivery,
): Promise<boolean> {
  for (let attempt = 0; delivery.throttle(event); attempt++) {
    delivery.counters.throttledInvocations++;
    const pauseMs = backoffMs(attempt, THROTTLE_BACKOFF_MS.first, THROTTLE_BACKOFF_MS.longest);
    if (performance.now() + pauseMs >= visibleAgainAtMs) return false;
    await pause(pauseMs, delivery.stopping);
    if (delivery.stopping.aborted) return false;
  }
  return true;
}

async function deliverEvent(event: SQSEvent, delivery: BatchDelivery): Promise<void> {
  const { counters, queue } = delivery;
  counters.invocations++;
  const invocation = await invoke(delivery.handler, event, delivery.functionTimeoutMs);
  counters.billedMs += Math.ceil(invocation.durationMs);
  const verdict = judge(invocation, event);
  if (verdict.kind === 'processed') {
    const done = event.Records.filter(({ messageId }) => !verdict.failed.has(messageId));
    const deleted = await queue.delete(done.map(({ receiptHandle }) => receiptHandle));
    counters.deleted += deleted;
    counters.notDeleted += done.length - deleted;
  } else {
    counters.failedBatches++;
  }
  delivery.onInvocation({ event, invocation, verdict });
}

function judge(invocation: Invocation, event: SQSEvent): Verdict {
  if (invocation.kind === 'returned') {
    return judgeResponse(invocation.text, new Set(event.Records.map(({ messageId }) => messageId)));
  }
  const reason = invocation.kind === 'threw' ? 'the function threw' : 'the function ran out of time';
  return { kind: 'whole-batch-failed', reason };
}
