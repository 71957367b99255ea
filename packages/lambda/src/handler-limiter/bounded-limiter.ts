import { answerInTime, withTimeout, type Timeout } from '@huntaze/kit';
import { LimiterUnavailableError, type Clock, type Metrics } from '@huntaze/rate-limiter-client/contract';
import type { LimiterParts } from './parts.ts';
import { releaseClaims } from '../limiter/release-claims.ts';
import type { Limiter } from '../limiter/limiter.ts';
import type { LimiterOperations } from '../limiter/operations.ts';

/** How long one call may take, and where that is measured. */
export interface MeasuredBounds extends Timeout {
  readonly clock: Clock;
  readonly metrics: Metrics;
}

/**
 * A limiter whose calls end in time, and that measures how long its decisions take. A part of it that was silent a moment
 * ago is not waited for: see {@link LimiterParts}. What was claimed by an answer that comes too late is given back.
 */
export function boundedLimiter(
  limiter: Limiter,
  { clock, timeoutMs, metrics, parts }: MeasuredBounds & { readonly parts: LimiterParts },
): Limiter {
  const settle: Limiter['settle'] = (request) =>
    parts.follow(request, (async () => await limiter.settle(request))());
  return {
    async admit(request) {
      const patienceMs = parts.patienceMs(request);
      if (patienceMs <= 0) {
        throw new LimiterUnavailableError(
          'expected an answer of the limiter, found that it gave none a moment ago: another question finds out',
        );
      }
      const askedMs = clock.monotonicMs();
      const decision = (async () => await limiter.admit(request))();
      try {
        const answer = parts.follow(request, decision);
        return await (patienceMs < timeoutMs
          ? answerInTime({ clock, timeoutMs: patienceMs }, answer)
          : answer);
      } catch (error) {
        void releaseClaims({ settle }, request, decision);
        throw error;
      } finally {
        metrics.record('LimiterLatency', clock.monotonicMs() - askedMs);
      }
    },
    settle,
    renew: (request) => parts.follow(request, (async () => await limiter.renew(request))()),
  };
}

/** What the handler asks of a limiter like an operator, where it can be asked. */
export type MessageOperations = Partial<Pick<LimiterOperations, 'find' | 'cancel'>>;

/** The same for these. */
export function boundedOperations(
  limiter: MessageOperations,
  timeout: Timeout,
): { readonly [Name in keyof Required<MessageOperations>]: MessageOperations[Name] | undefined } {
  const bounded = <Call extends unknown[], Answer>(operation?: (...call: Call) => Promise<Answer>) =>
    operation && ((...call: Call) => withTimeout(timeout, () => operation.apply(limiter, call)));
  return { find: bounded(limiter.find), cancel: bounded(limiter.cancel) };
}
