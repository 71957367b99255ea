import { SQSClient } from '@aws-sdk/client-sqs';
import { guardListener } from '@huntaze/kit';
import {
  guardPorts,
  jsonPayload,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  type GuardedPorts,
  type PayloadOutput,
  type PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import type { AttemptSettings } from './attempt/attempt.ts';
import { backoffFrom } from './attempt/outcome.ts';
import type { AdmissionSettings } from './batch/admissions.ts';
import type { BatchSettings } from './batch/batch.ts';
import { boundedOperations } from './handler-limiter/bounded-limiter.ts';
import { handlerLimiter, type HandlerLimiter } from './handler-limiter/handler-limiter.ts';
import { queueWatch } from './handler-limiter/queue-watch.ts';
import { perMinute } from './limiter/limits/limit.ts';
import { defaultMarginMs } from './limiter/limits/margin.ts';
import { admissionPolicyFrom } from './message/admission-policy.ts';
import type { ReadOptions } from './message/read-message.ts';
import type { HandlerOptions } from './options.ts';
import { openDueTimes, type DueTimes } from './parking/due-times.ts';
import { queueAttributesReader } from './parking/queue-attributes.ts';
import { boundedSqs } from './sqs/sqs-client.ts';

/** The options with every default filled in: the settings of all steps. */
export interface HandlerSettings<Payload>
  extends ReadOptions<Payload>, BatchSettings, AdmissionSettings, AttemptSettings<Payload> {
  readonly limiter: HandlerLimiter;
  readonly dueTimes: DueTimes;
  readonly metrics: GuardedPorts['metrics'];
}

/** Fills in the defaults of options that were checked, once. */
export function resolveSettings<Schema extends PayloadSchema>(
  options: HandlerOptions<Schema>,
): HandlerSettings<PayloadOutput<Schema>> {
  const { limits, cost, marginMs, deadLetterQueueUrl, queueUrl, retentionMs, clock = systemClock } = options;
  const { leaseMs = 60_000, timeoutMs = 5_000 } = options;
  const ports = guardPorts({
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
    tracer: options.tracer ?? silentTracer,
  });
  const { logger, metrics } = ports;
  const bounds = { clock, timeoutMs, metrics };
  const sqs = boundedSqs(options.sqs ?? new SQSClient(), bounds);
  return Object.freeze({
    deliver: options.deliver,
    payload: options.payload ?? jsonPayload,
    schemaMessages: options.schemaMessages ?? false,
    policyOf: admissionPolicyFrom(limits, cost, marginMs),
    usualDeliveryMs: marginMs ?? defaultMarginMs(typeof limits === 'function' ? perMinute(1) : limits),
    agingMs: options.agingMs ?? 0,
    limiter: handlerLimiter(options.limiter, options.onLimiterUnavailable, bounds),
    ...boundedOperations(options.limiter, bounds),
    deadLetterQueueUrl,
    sqs,
    queueUrl,
    onQueue: queueWatch(options.limiter, logger),
    readAttributes: queueAttributesReader({ sqs, clock, logger, retentionMs }),
    dueTimes: openDueTimes(),
    inFlightShare: options.inFlightShare ?? 0.8,
    concurrency: options.concurrency ?? 10,
    inlineHoldMs: options.inlineHoldMs ?? 3_000,
    leaseMs,
    deliverTimeoutMs: options.deliverTimeoutMs ?? leaseMs,
    timeoutMs,
    delivery: options.delivery ?? 'at-least-once',
    maxAttempts: options.maxAttempts ?? 5,
    maxThrottles: options.maxThrottles ?? 100,
    backoff: backoffFrom(options.backoff),
    ...ports,
    onEvent: guardListener(options.onEvent),
    clock,
    random: options.random ?? systemRandom,
  });
}
