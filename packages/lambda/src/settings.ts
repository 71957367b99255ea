import { guardListener } from '@huntaze/kit';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  guardPorts,
  jsonPayload,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  type Clock,
  type GuardedPorts,
  type Logger,
  type PayloadOutput,
  type PayloadSchema,
  type Random,
} from '@huntaze/rate-limiter-client/contract';
import type { Deliver, DeliveryMode } from './attempt/deliver.ts';
import { backoffFrom, type Backoff } from './attempt/outcome.ts';
import { boundedOperations } from './limiter/bounded-limiter.ts';
import type { LimiterOperations } from './limiter/operations.ts';
import { queueWatch } from './limiter/queue-watch.ts';
import { handlerLimiter, type HandlerLimiter } from './limiter/unavailable.ts';
import { perMinute } from './limiter/limits/limit.ts';
import { defaultMarginMs } from './limiter/limits/margin.ts';
import { admissionPolicyFrom, type AdmissionPolicyOf } from './message/admission-policy.ts';
import type { HandlerOptions } from './options.ts';
import { openDueTimes, type DueTimes } from './parking/due-times.ts';
import { queueAttributesReader, type QueueAttributesReader } from './parking/queue-attributes.ts';
import { boundedSqs, type SqsClient } from './sqs/sqs-client.ts';
import type { OnEvent } from './telemetry/handler-events.ts';

/** The options with every default filled in, resolved once. */
export interface Settings {
  readonly agingMs: number;
  /** How long a delivery usually takes at most. */
  readonly usualDeliveryMs: number;
  readonly limiter: HandlerLimiter;
  readonly deadLetterQueueUrl: string;
  readonly sqs: SqsClient;
  readonly queueUrl: string | undefined;
  /** Called with the queue of each batch. */
  readonly onQueue: (queue: string) => void;
  readonly readAttributes: QueueAttributesReader;
  readonly dueTimes: DueTimes;
  readonly inFlightShare: number;
  readonly find: LimiterOperations['find'] | undefined;
  readonly cancel: LimiterOperations['cancel'] | undefined;
  readonly concurrency: number;
  readonly inlineHoldMs: number;
  readonly leaseMs: number;
  readonly deliverTimeoutMs: number;
  readonly timeoutMs: number;
  readonly delivery: DeliveryMode;
  readonly maxAttempts: number;
  readonly maxThrottles: number;
  readonly backoff: Backoff;
  readonly metrics: GuardedPorts['metrics'];
  readonly logger: Logger;
  readonly tracer: GuardedPorts['tracer'];
  readonly onEvent: OnEvent;
  readonly clock: Clock;
  readonly random: Random;
}

/** The settings, and what is particular to one kind of payload. */
export interface HandlerSettings<Payload> extends Settings {
  readonly deliver: Deliver<Payload>;
  readonly payload: PayloadSchema<unknown, Payload>;
  readonly schemaMessages: boolean;
  readonly policyOf: AdmissionPolicyOf<Payload>;
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
