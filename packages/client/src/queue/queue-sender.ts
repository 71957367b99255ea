import { answerInTime, awokenBy, isTimeoutError } from '@huntaze/kit';
import { handleWhenResult, retry } from 'cockatiel';
import type { Clock } from '../contract/clock.ts';
import { decorrelatedJitter, type BackoffOptions } from './backoff.ts';
import type { Breaker } from './breaker.ts';
import { isTransient, requestFailure, unanswered, whileOpen } from './errors.ts';
import type { OutgoingMessage, QueueSender, RequestOutcome, SqsRequests } from './outgoing.ts';

/** What {@link withRetries} works with. */
export interface RetryPolicy extends BackoffOptions {
  /** Requests that one message takes part in at most. */
  readonly maxAttempts: number;
  /** How long one request may take. */
  readonly timeoutMs: number;
  readonly breaker: Breaker<readonly RequestOutcome[]>;
  /** Measures the time of requests. */
  readonly clock: Clock;
}

/** Messages and their outcomes so far, in the same order. One without an outcome was in no request yet. */
interface Run {
  readonly messages: readonly OutgoingMessage[];
  outcomes: readonly (RequestOutcome | undefined)[];
  /** Whether the breaker let a request through. */
  requested: boolean;
}

/**
 * Sends messages to SQS: retry around breaker around timeout, each of them once. So every attempt counts for the breaker,
 * an open breaker ends the retries at once, and the timeout is that of one request.
 *
 * Only messages that failed for a transient reason are sent again. On a FIFO queue such a message comes after
 * those of its request that were accepted.
 */
export function withRetries(requests: SqsRequests, policy: RetryPolicy): QueueSender {
  const { maxAttempts, timeoutMs, breaker, clock } = policy;
  const retries = retry(
    handleWhenResult((run) => (run as Run).outcomes.some(isUnfinished) && !breaker.refuses()),
    { maxAttempts: maxAttempts - 1, backoff: decorrelatedJitter(policy, (run) => wasThrottled(run as Run)) },
  );

  async function request(messages: readonly OutgoingMessage[], signal?: AbortSignal) {
    const over = new AbortController();
    const timeout = { clock: signal ? awokenBy(signal, clock) : clock, timeoutMs };
    try {
      return await answerInTime(timeout, requests.send(messages, over.signal), (error) => over.abort(error));
    } catch (error) {
      return messages.map(() => requestFailure(error));
    }
  }

  /** SQS refuses a whole request over one message, and does not say which: then each goes alone. */
  async function requestApart(messages: readonly OutgoingMessage[], signal?: AbortSignal) {
    const outcomes = await request(messages, signal);
    if (messages.length === 1 || !outcomes.every(isRejected)) return outcomes;
    const apart: RequestOutcome[] = [];
    for (const message of messages) apart.push(...(await request([message], signal)));
    return apart;
  }

  async function attempt(run: Run, signal?: AbortSignal): Promise<Run> {
    if (signal?.aborted || breaker.refuses()) return run;
    const unfinished = run.messages.filter((_, index) => isUnfinished(run.outcomes[index]));
    run.requested = true;
    const answers = (await breaker.policy.execute(() => requestApart(unfinished, signal))).values();
    run.outcomes = run.outcomes.map((known) => (isUnfinished(known) ? answers.next().value : known));
    return run;
  }

  async function attemptAll(run: Run, withinMs: number | undefined): Promise<void> {
    if (withinMs === undefined) return void (await retries.execute(() => attempt(run)));
    const over = new AbortController();
    const attempts = retries.execute(() => attempt(run, over.signal), over.signal);
    try {
      await answerInTime({ clock, timeoutMs: withinMs }, attempts, (error) => over.abort(error));
    } catch (error) {
      if (!isTimeoutError(error)) throw error;
    }
  }

  return {
    async send(messages, { withinMs } = {}) {
      const run: Run = { messages, outcomes: messages.map(() => undefined), requested: false };
      await attemptAll(run, withinMs);
      const unsent = () =>
        run.requested ? unanswered(withinMs ?? timeoutMs) : whileOpen(breaker.probeInMs());
      return run.outcomes.map((outcome) => outcome ?? unsent());
    },
  };
}

/** Whether a message is to be sent: it has no outcome, or failed for a transient reason. */
function isUnfinished(outcome: RequestOutcome | undefined): boolean {
  return outcome === undefined || (outcome.kind === 'failed' && isTransient(outcome));
}

function isRejected(outcome: RequestOutcome): boolean {
  return outcome.kind === 'failed' && outcome.errorClass === 'rejected';
}

function wasThrottled(run: Run): boolean {
  return run.outcomes.some((outcome) => outcome?.kind === 'failed' && outcome.errorClass === 'throttled');
}

/** A request counts as failed for the breaker when it got nothing through, for transient reasons. */
export function isOutage(outcomes: readonly RequestOutcome[]): boolean {
  return outcomes.every((outcome) => outcome.kind === 'failed' && isTransient(outcome));
}
