import type { Clock } from '@huntaze/rate-limiter-client/contract';
import {
  memoryLimiter,
  type ColdStart,
  type Handler,
  type Limiter,
  type LimiterOperations,
  type MemoryLimiterOptions,
  type SqsClient,
} from '@huntaze/rate-limiter-lambda';
import type { Scenario } from '../scenario/scenario.ts';

/** Where a mutant can reach between the parts: each wraps one of them, and by default changes nothing. */
export interface Safeguards {
  /** What decides: knows nothing yet. */
  open(options: MemoryLimiterOptions): Limiter & LimiterOperations;
  /** Whether positions are exact, so that the judge of the order is told. */
  readonly order: 'exact' | 'about';
  /** The limiter itself, as all processes share it. */
  limiter(limiter: Limiter, clock: Clock): Limiter;
  limiterClock(clock: Clock): Clock;
  /** What a limiter that may have forgotten assumes of the past. */
  readonly coldStart: ColdStart;
  /** What a command of a process is recognised by when it arrives a second time. */
  owner(owner: string): string;
  /** What the limiter makes of a question that comes later than its asker waits for the answer. */
  readonly lateQuestion: 'a question' | 'a jump of the clock';
  /** The clock of a process. */
  clock(clock: Clock): Clock;
  /** The limiter as the handler of one process sees it. */
  seenLimiter(limiter: Limiter, clock: Clock, scenario: Scenario): Limiter;
  /** SQS as the handler of one process sees it. */
  seenSqs(sqs: SqsClient, scenario: Scenario): SqsClient;
  handler(handler: Handler): Handler;
  /** What each process is told of its share; undefined: nothing. */
  localShare(share: number): number | undefined;
}

export const allSafeguards: Safeguards = {
  open: memoryLimiter,
  order: 'exact',
  limiter: (limiter) => limiter,
  limiterClock: (clock) => clock,
  coldStart: 'empty',
  owner: (owner) => owner,
  lateQuestion: 'a question',
  clock: (clock) => clock,
  seenLimiter: (limiter) => limiter,
  seenSqs: (sqs) => sqs,
  handler: (handler) => handler,
  localShare: (share) => share,
};
