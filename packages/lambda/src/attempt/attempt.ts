import type {
  GuardedPorts,
  Message,
  Random,
  Span,
  TraceContext,
} from '@huntaze/rate-limiter-client/contract';
import { ABORT_GRACE_MS } from '../batch/batch-time.ts';
import type { Batch } from '../batch/batch.ts';
import type { Settlements } from '../batch/settlements.ts';
import { queueTag } from '../limiter/identity.ts';
import type { Claim } from '../limiter/limiter.ts';
import type { Conclusion } from '../message/conclusion.ts';
import type { ReceivedMessage } from '../message/received.ts';
import type { Deliver, DeliverContext } from './deliver.ts';
import { openLease, type Lease, type LeasePolicy } from './lease.ts';
import type { ParkSettings } from '../parking/park.ts';
import type { OnEvent } from '../telemetry/handler-events.ts';
import { outcomeOf, outcomeWithoutCall, type Outcome, type OutcomePolicy } from './outcome.ts';
import { settleAttempt } from './settle.ts';

/** The settings of an attempt. */
export interface AttemptSettings<Payload> extends ParkSettings, OutcomePolicy, Omit<LeasePolicy, 'cost'> {
  readonly deliver: Deliver<Payload>;
  readonly deliverTimeoutMs: number;
  readonly tracer: GuardedPorts['tracer'];
  readonly onEvent: OnEvent;
  readonly random: Random;
}

/**
 * Delivers a claimed message once, within its lease, its span and the time that is left, and settles the claim. Never
 * rejects.
 * @param askedMs when the claim was asked for, by the monotonic clock.
 */
export async function deliverAndSettle<Payload>(
  settings: AttemptSettings<Payload>,
  batch: Batch,
  settlements: Settlements,
  received: ReceivedMessage<Payload>,
  claim: Claim,
  askedMs: number,
): Promise<Conclusion> {
  const { tracer, onEvent } = settings;
  const { message, policy } = received;
  const { attempt, takeover } = claim;
  onEvent({ kind: 'admitted', key: message.key, messageId: message.id, attempt, takeover });
  const lease = openLease(claim, askedMs, { ...settings, ...policy });
  const span = tracer.startSpan('rate-limiter.deliver', traceOf(message), { messageId: message.id, attempt });
  const outcome =
    outcomeWithoutCall(claim, settings) ??
    (await deliverInTime(settings, batch, message, claim, lease, span));
  span.end(outcome.kind === 'delivered' ? undefined : new Error(`not delivered: ${outcome.kind}`));
  return await settleAttempt({ settings, queue: batch.queue, settlements, received, claim, lease }, outcome);
}

/** Calls `deliver` in bounded time, and only while its claim is alive. Never rejects. */
async function deliverInTime<Payload>(
  settings: AttemptSettings<Payload>,
  batch: Batch,
  message: Message<Payload>,
  claim: Claim,
  lease: Lease,
  span: Required<Span>,
): Promise<Outcome> {
  const { deliver, delivery, deliverTimeoutMs, clock, random, logger, metrics } = settings;
  const timeoutMs = Math.min(deliverTimeoutMs, batch.timeLeftMs());
  // A call that is cut off may arrive nevertheless: better none than one without time.
  if (timeoutMs < Math.min(batch.leastMs, deliverTimeoutMs) || lease.leftMs() <= 0)
    return { kind: 'not-started' };

  const once = delivery === 'at-most-once';
  const timeout = new AbortController();
  const finished = new AbortController();
  const context: DeliverContext = {
    signal: timeout.signal,
    attempt: claim.attempt,
    idempotencyKey: idempotencyKeyOf(batch.queue.identity, message),
    logger,
    ...(span.context && { traceContext: span.context }),
  };
  const call = async (): Promise<Outcome> => {
    try {
      await span.run(deliver.bind(undefined, message, context));
      return { kind: 'delivered' };
    } catch (error) {
      const uncertain = once && timeout.signal.aborted;
      return outcomeOf(error, { ...settings, attempt: claim.attempt, jitter: random.next(), uncertain });
    } finally {
      finished.abort();
    }
  };
  const expire = async (): Promise<Outcome> => {
    await Promise.race([clock.sleep(timeoutMs, finished.signal), lease.keep(finished.signal)]);
    if (!finished.signal.aborted)
      timeout.abort(new DOMException('the time to deliver this message is over', 'TimeoutError'));
    await clock.sleep(ABORT_GRACE_MS, finished.signal);
    finished.abort();
    return once ? { kind: 'uncertain', errorName: 'TimeoutError' } : { kind: 'unknown' };
  };
  const startedMs = clock.monotonicMs();
  const outcome = await Promise.race([call(), expire()]);
  metrics.record('DeliveryLatency', clock.monotonicMs() - startedMs);
  return outcome;
}

/** The same for every attempt and life of a message, and another one for a message of another queue with the same id. */
function idempotencyKeyOf(queue: string, { key, id }: Message<unknown>): string {
  // A colon ends the key, so that no other key and id read the same.
  return `${queueTag(queue)}:${key.replace(/[:%]/g, encodeURIComponent)}:${id}`;
}

function traceOf({ traceparent, tracestate }: Message<unknown>): TraceContext | undefined {
  return traceparent === undefined ? undefined : { traceparent, ...(tracestate && { tracestate }) };
}
