import type { Message, TraceContext } from '@huntaze/rate-limiter-client/contract';
import { deliverOnce } from './deliver.ts';
import { finish } from './settle.ts';
import { openLease } from './lease.ts';
import type { Delivery } from '../message/read-message.ts';
import type { Invocation } from '../batch/invocation.ts';
import { queueTag } from '../limiter/identity.ts';
import type { Claim } from '../limiter/limiter.ts';
import type { DeliverySettings } from '../options.ts';

/**
 * Hands a claimed message to `deliver`, within its lease, its span and the time that is left, and carries out what comes
 * of it. `askedMs`: when the claim was asked for, by the monotonic clock.
 */
export async function makeAttempt<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  delivery: Delivery<Payload>,
  claim: Claim,
  askedMs: number,
): Promise<void> {
  const { random, tracer, deliverTimeoutMs, onEvent } = settings;
  const { message } = delivery;
  const { attempt, takeover } = claim;
  onEvent({ kind: 'admitted', key: message.key, messageId: message.id, attempt, takeover });
  const lease = openLease(claim, askedMs, { ...settings, ...delivery.terms });
  const attempted = { delivery, claim, lease };
  const timeoutMs = Math.min(deliverTimeoutMs, invocation.timeLeftMs());
  const span = tracer.startSpan('rate-limiter.deliver', traceOf(message), { messageId: message.id, attempt });
  const leastMs = Math.min(invocation.leastMs, deliverTimeoutMs);
  const jitter = () => random.next();
  const idempotencyKey = idempotencyKeyOf(invocation.queue, message);
  const policy = { ...settings, idempotencyKey, timeoutMs, leastMs, jitter, traceContext: span.context };
  const inSpan: typeof settings.deliver = (...call) => span.run(async () => settings.deliver(...call));
  const fate = await deliverOnce(inSpan, attempted, policy);
  span.end(fate.kind === 'delivered' ? undefined : new Error(`not delivered: ${fate.kind}`));
  await finish(settings, invocation, attempted, fate);
}

/** The same for every attempt and life of a message, and another one for a message of another queue with the same id. */
function idempotencyKeyOf(queue: string, { key, id }: Message<unknown>): string {
  // A colon ends the key, so that no other key and id read the same.
  return `${queueTag(queue)}:${key.replace(/[:%]/g, encodeURIComponent)}:${id}`;
}

function traceOf({ traceparent, tracestate }: Message<unknown>): TraceContext | undefined {
  return traceparent === undefined ? undefined : { traceparent, ...(tracestate && { tracestate }) };
}
