import { guardListener, MAX_RETENTION_MS, MAX_VISIBILITY_MS } from '@huntaze/kit';
import { ownSqs } from '@huntaze/kit/sqs-client';
import {
  guardPorts,
  jsonPayload,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  type PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import { deliveryModes } from './attempt/deliver.ts';
import type { Backoff } from './attempt/outcome.ts';
import * as checks from './checks/checks.ts';
import { whole } from './checks/checks.ts';
import { boundedOperations } from './handler-limiter/bounded-limiter.ts';
import { handlerLimiter } from './handler-limiter/handler-limiter.ts';
import { unavailableProblems } from './handler-limiter/on-limiter-unavailable.ts';
import { queueWatch } from './handler-limiter/queue-watch.ts';
import { MAX_CANDIDATES } from './limiter/limiter.ts';
import { limitsProblems, perMinute } from './limiter/limits/limit.ts';
import { defaultMarginMs } from './limiter/limits/margin.ts';
import { admissionPolicyFrom, costProblems } from './message/admission-policy.ts';
import type { HandlerOptions } from './options.ts';
import { openDueTimes } from './parking/due-times.ts';
import { queueAttributesReader } from './parking/queue-attributes.ts';
import { boundedSqs } from './sqs/sqs-client.ts';

const MINUTE_MS = 60_000;

/** 15 minutes: the longest delay between attempts, which is also the default. */
const MAX_DELAY_MS = 900_000;
const delay = whole(0, MAX_DELAY_MS);

const backoffTable = {
  // A smaller `maxDelayMs` lowers this default.
  initialDelayMs: { check: checks.atMost(delay, 'maxDelayMs', MAX_DELAY_MS), default: 1_000 },
  maxDelayMs: { check: delay, default: MAX_DELAY_MS },
} satisfies checks.OptionTable<Backoff>;

/** What each option of a handler must be, and its value when it is left out. */
const handlerTable = {
  deliver: { check: checks.callable },
  limits: { check: checks.callableOr(limitsProblems) },
  cost: { check: checks.callableOr(costProblems), default: 1 },
  agingMs: { check: whole(0, MAX_RETENTION_MS), default: 0 },
  limiter: { check: checks.having('admit', 'settle', 'renew') },
  deadLetterQueueUrl: { check: checks.deadLetterQueueUrl },
  payload: { check: checks.schema, default: jsonPayload },
  schemaMessages: { check: checks.flag, default: false },
  sqs: { check: checks.sqs, default: undefined },
  queueUrl: { check: checks.queueUrl, default: undefined },
  concurrency: { check: whole(1, MAX_CANDIDATES), default: 10 },
  inlineHoldMs: { check: whole(0, MINUTE_MS), default: 3_000 },
  inFlightShare: { check: checks.aboveZero(1), default: 0.8 },
  retentionMs: { check: whole(MINUTE_MS, MAX_RETENTION_MS), default: undefined },
  marginMs: { check: whole(0, MINUTE_MS), default: undefined },
  leaseMs: { check: whole(1_000, MAX_VISIBILITY_MS), default: 60_000 },
  deliverTimeoutMs: { check: whole(1, MAX_VISIBILITY_MS), default: undefined },
  delivery: { check: checks.oneOf(...deliveryModes), default: 'at-least-once' },
  onLimiterUnavailable: { check: unavailableProblems, default: 'park' },
  maxAttempts: { check: whole(1, 1_000), default: 5 },
  maxThrottles: { check: whole(1, 100_000), default: 100 },
  backoff: { check: checks.group(checks.checksOf(backoffTable)), default: undefined },
  timeoutMs: { check: whole(1, MINUTE_MS), default: 5_000 },
  metrics: { check: checks.metrics, default: silentMetrics },
  logger: { check: checks.logger, default: silentLogger },
  tracer: { check: checks.tracer, default: silentTracer },
  onEvent: { check: checks.callable, default: undefined },
  clock: { check: checks.clock, default: systemClock },
  random: { check: checks.random, default: systemRandom },
} satisfies checks.OptionTable<HandlerOptions>;

/** What each option of a handler must be. */
export const handlerChecks = checks.checksOf(handlerTable);

/** Fills in the defaults of options that were checked, once: the settings of all steps. */
export function resolveSettings<Schema extends PayloadSchema>(options: HandlerOptions<Schema>) {
  const given = checks.filled<HandlerOptions<Schema>, typeof handlerTable>(handlerTable, options);
  const { limits, cost, marginMs, limiter, retentionMs, timeoutMs, clock } = given;
  const ports = guardPorts(given);
  const bounds = { clock, timeoutMs, metrics: ports.metrics };
  // Each message of a batch may need a call of its own, beside those for the batch.
  const maxSockets = Math.max(50, 2 * given.concurrency);
  const sqs = boundedSqs(given.sqs ?? ownSqs({ maxSockets }), bounds);
  const backoff = checks.filled(backoffTable, given.backoff);
  return Object.freeze({
    ...given,
    ...ports,
    ...boundedOperations(limiter, bounds),
    policyOf: admissionPolicyFrom(limits, cost, marginMs),
    usualDeliveryMs: marginMs ?? defaultMarginMs(typeof limits === 'function' ? perMinute(1) : limits),
    limiter: handlerLimiter(limiter, given.onLimiterUnavailable, bounds),
    sqs,
    onQueue: queueWatch(limiter, ports.logger),
    readAttributes: queueAttributesReader({ sqs, clock, logger: ports.logger, retentionMs }),
    dueTimes: openDueTimes(),
    deliverTimeoutMs: given.deliverTimeoutMs ?? given.leaseMs,
    backoff: { ...backoff, initialDelayMs: Math.min(backoff.initialDelayMs, backoff.maxDelayMs) },
    onEvent: guardListener(given.onEvent),
  });
}
