import type { Clock, Metrics } from '@huntaze/rate-limiter-client/contract';
import type { Limiter } from './limiter/limiter.ts';
import type { SqsClient } from './sqs.ts';
import { within } from './within.ts';

interface Bounds {
  readonly clock: Clock;
  /** How long one call may take. */
  readonly timeoutMs: number;
}

/** SQS whose calls end in time: one without an answer throws, and may have had its effect. */
export function boundedSqs(sqs: SqsClient, { clock, timeoutMs }: Bounds): SqsClient {
  const send: (...[command]: Parameters<SqsClient['send']>) => Promise<unknown> = (command) =>
    within(clock, timeoutMs, (abortSignal) => sqs.send(command, { abortSignal }));
  return { send: send as SqsClient['send'] };
}

/**
 * A limiter whose calls end in time, and that measures how long its decisions take. What was decided without
 * an answer is a claim that nobody uses: it runs out by itself.
 */
export function boundedLimiter(
  limiter: Limiter,
  { clock, timeoutMs, metrics }: Bounds & { readonly metrics: Metrics },
): Limiter {
  return {
    async admit(request) {
      const askedMs = clock.monotonicMs();
      try {
        return await within(clock, timeoutMs, () => limiter.admit(request));
      } finally {
        metrics.record('LimiterLatency', clock.monotonicMs() - askedMs);
      }
    },
    settle: (request) => within(clock, timeoutMs, () => limiter.settle(request)),
    renew: (request) => within(clock, timeoutMs, () => limiter.renew(request)),
  };
}
