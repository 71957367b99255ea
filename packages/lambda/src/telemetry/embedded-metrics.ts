import { withTimeout } from '@huntaze/kit';
import { silentMetrics } from '@huntaze/rate-limiter-client/contract';
import type { Clock, Logger, MetricName, Metrics } from '@huntaze/rate-limiter-client/contract';
import { emfMetrics } from '@huntaze/rate-limiter-client/emf';
import type { InvocationContext } from '../message/event.ts';

/**
 * What a handler measures with whose host gave no metrics: in Lambda one line of the log per batch, elsewhere nothing.
 * Measures nothing until it knows a queue, because its name is the dimension of every metric.
 */
export function embeddedMetrics(clock: Clock) {
  let queue: string | undefined;
  let metrics: Metrics = silentMetrics;
  return {
    /** Says which queue is measured from now on: a function handles one batch at a time. */
    measure(queueArn: string): void {
      if (queueArn === queue) return;
      queue = queueArn;
      try {
        metrics = emfMetrics({ queue: queueArn, keepUntilFlush: true, clock });
      } catch {
        // No ARN of a queue: what to do with such a batch is decided elsewhere.
        metrics = silentMetrics;
      }
    },
    record: (name: MetricName, value: number) => metrics.record(name, value),
    flush: async () => metrics.flush?.(),
  };
}

/** Whether Lambda is calling: a worker's context names no function. */
export function isLambda(context: InvocationContext | undefined): context is InvocationContext {
  return context?.functionName !== undefined;
}

/** Kept free for the response. */
const RESPONSE_MS = 100;

interface FlushSettings {
  readonly metrics: Required<Metrics>;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** Hands over what was measured before Lambda freezes the process, and no longer than there is time. Never throws. */
export async function flushInTime(
  { metrics, clock, timeoutMs, logger }: FlushSettings,
  context: InvocationContext,
): Promise<void> {
  try {
    const leftMs = Math.max(0, context.getRemainingTimeInMillis() - RESPONSE_MS);
    await withTimeout({ clock, timeoutMs: Math.min(timeoutMs, leftMs) }, () => metrics.flush());
  } catch {
    logger.warn({}, 'there was no time to hand over all metrics');
  }
}
