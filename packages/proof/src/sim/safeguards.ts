import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Handler, Limiter, SqsClient } from '@huntaze/rate-limiter-lambda';
import type { Scenario } from './scenario.ts';

/** Where a mutant can reach between the parts: each wraps one of them, and by default changes nothing. */
export interface Safeguards {
  /** The limiter itself, as all processes share it. */
  limiter(limiter: Limiter): Limiter;
  limiterClock(clock: Clock): Clock;
  /** The limiter as the handler of one process sees it. */
  seenLimiter(limiter: Limiter, clock: Clock): Limiter;
  /** SQS as the handler of one process sees it. */
  seenSqs(sqs: SqsClient, scenario: Scenario): SqsClient;
  handler(handler: Handler): Handler;
}

export const allSafeguards: Safeguards = {
  limiter: (limiter) => limiter,
  limiterClock: (clock) => clock,
  seenLimiter: (limiter) => limiter,
  seenSqs: (sqs) => sqs,
  handler: (handler) => handler,
};
