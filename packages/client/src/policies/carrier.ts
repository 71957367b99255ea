import { awokenBy, isTimeoutError, withTimeout } from '@huntaze/kit';
import { handleWhenResult, retry } from 'cockatiel';
import type { Clock, Random } from '../contract/index.ts';
import { isPassing, requestFailure } from '../transport/diagnosis.ts';
import type { Carrier, Outcome, OutgoingMessage, Transport } from '../transport/transport.ts';
import { decorrelatedJitter } from './backoff.ts';
import type { Breaker } from './breaker.ts';
import { unanswered, whileOpen } from './unsent.ts';

/** What {@link persistently} works with. */
export interface PolicyOptions {
  /** Requests that one message takes part in at most. */
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** How long one request may take. */
  readonly timeoutMs: number;
  readonly breaker: Breaker<readonly Outcome[]>;
  /** Measures the time of requests. */
  readonly clock: Clock;
  readonly random: Random;
}

/** Messages and their outcomes so far, in the same order. One without an outcome was in no request yet. */
interface Run {
  readonly messages: readonly OutgoingMessage[];
  outcomes: readonly (Outcome | undefined)[];
  /** Whether the breaker let a request through. */
  requested: boolean;
}

/**
 * Carries messages over a transport: retry around breaker around timeout, each of them once. So every attempt
 * counts for the breaker, an open breaker ends the retries at once, and the time limit is that of one request.
 *
 * Only messages that failed for a passing reason are sent again. On a FIFO queue such a message comes after
 * those of its request that were accepted.
 */
export function persistently(transport: Transport, options: PolicyOptions): Carrier {
  const { maxAttempts, timeoutMs, breaker, clock } = options;
  const patience = retry(
    handleWhenResult((run) => (run as Run).outcomes.some(mayPass) && !breaker.refuses()),
    { maxAttempts: maxAttempts - 1, backoff: decorrelatedJitter(options, (run) => wasThrottled(run as Run)) },
  );

  async function request(messages: readonly OutgoingMessage[], signal?: AbortSignal) {
    try {
      return await withTimeout({ clock: signal ? awokenBy(signal, clock) : clock, timeoutMs }, (limited) =>
        transport.send(messages, limited),
      );
    } catch (error) {
      return messages.map(() => requestFailure(error));
    }
  }

  /** SQS refuses a whole request over one message, and does not say which: then each goes alone. */
  async function requestApart(messages: readonly OutgoingMessage[], signal?: AbortSignal) {
    const outcomes = await request(messages, signal);
    if (messages.length === 1 || !outcomes.every(isRefusal)) return outcomes;
    const apart: Outcome[] = [];
    for (const message of messages) apart.push(...(await request([message], signal)));
    return apart;
  }

  async function attempt(run: Run, signal?: AbortSignal): Promise<Run> {
    if (signal?.aborted) return run;
    const unfinished = run.messages.filter((_, index) => mayPass(run.outcomes[index]));
    const answers = (
      await breaker.run(() => {
        run.requested = true;
        return requestApart(unfinished, signal);
      })
    )?.values();
    if (answers) run.outcomes = run.outcomes.map((known) => (mayPass(known) ? answers.next().value : known));
    return run;
  }

  return {
    async carry(messages, { withinMs } = {}) {
      const run: Run = { messages, outcomes: messages.map(() => undefined), requested: false };
      const tryAll = (signal?: AbortSignal) => patience.execute(() => attempt(run, signal), signal);
      await (withinMs === undefined
        ? tryAll()
        : withTimeout({ clock, timeoutMs: withinMs }, tryAll).catch(unlessTimeIsUp));
      return run.outcomes.map(
        (outcome) =>
          outcome ?? (run.requested ? unanswered(withinMs ?? timeoutMs) : whileOpen(breaker.probeInMs())),
      );
    },
  };
}

function unlessTimeIsUp(error: unknown): void {
  if (!isTimeoutError(error)) throw error;
}

/** Whether a message is to be sent: it has no outcome, or a failure that may pass. */
function mayPass(outcome: Outcome | undefined): boolean {
  return outcome === undefined || (outcome.kind === 'failed' && isPassing(outcome));
}

function isRefusal(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.verdict === 'rejected';
}

function wasThrottled(run: Run): boolean {
  return run.outcomes.some((outcome) => outcome?.kind === 'failed' && outcome.verdict === 'throttled');
}

/** A request counts as failed for the breaker when it got nothing through, for reasons that pass. */
export function isOutage(outcomes: readonly Outcome[]): boolean {
  return outcomes.every((outcome) => outcome.kind === 'failed' && isPassing(outcome));
}
