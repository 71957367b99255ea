import {
  aboveZero,
  atMost,
  callable,
  callableOr,
  clock,
  deadLetterQueueUrl,
  flag,
  group,
  having,
  logger,
  metrics,
  oneOf,
  optional,
  queueUrl,
  random,
  schema,
  sqs,
  tracer,
  whole,
  type Check,
} from './checks.ts';
import { deliveryModes } from './delivery/deliver.ts';
import { defaultBackoff, type Backoff } from './delivery/fate.ts';
import { costProblems } from './delivery/terms.ts';
import { MAX_CANDIDATES } from './limiter/limiter.ts';
import { limitsProblems } from './limiter/limits/limit.ts';
import type { HandlerOptions } from './options.ts';
import { unavailableProblems } from './unavailable.ts';

const MINUTE_MS = 60_000;

/** As long as SQS can hide a message. */
const LONGEST_LEASE_MS = 12 * 60 * MINUTE_MS;

/** As long as SQS keeps a message: 14 days (SetQueueAttributes, "MessageRetentionPeriod"). */
const LONGEST_RETENTION_MS = 14 * 24 * 60 * MINUTE_MS;

const delay = whole(0, defaultBackoff.maxDelayMs);
const backoffChecks = {
  initialDelayMs: optional(atMost(delay, 'maxDelayMs', defaultBackoff.maxDelayMs)),
  maxDelayMs: optional(delay),
} satisfies Record<keyof Backoff, Check>;

/** What each option of a handler must be. */
export const handlerChecks = {
  deliver: callable,
  limits: callableOr(limitsProblems),
  cost: optional(callableOr(costProblems)),
  agingMs: optional(whole(0, LONGEST_RETENTION_MS)),
  limiter: having('admit', 'settle', 'renew'),
  deadLetterQueueUrl,
  payload: optional(schema),
  schemaMessages: optional(flag),
  sqs,
  queueUrl: optional(queueUrl),
  concurrency: optional(whole(1, MAX_CANDIDATES)),
  inlineHoldMs: optional(whole(0, MINUTE_MS)),
  inFlightShare: optional(aboveZero(1)),
  retentionMs: optional(whole(MINUTE_MS, LONGEST_RETENTION_MS)),
  marginMs: optional(whole(0, MINUTE_MS)),
  leaseMs: optional(whole(1_000, LONGEST_LEASE_MS)),
  deliverTimeoutMs: optional(whole(1, LONGEST_LEASE_MS)),
  delivery: optional(oneOf(...deliveryModes)),
  onLimiterUnavailable: optional(unavailableProblems),
  maxAttempts: optional(whole(1, 1_000)),
  maxThrottles: optional(whole(1, 100_000)),
  backoff: optional(group(backoffChecks)),
  timeoutMs: optional(whole(1, MINUTE_MS)),
  metrics,
  logger,
  tracer,
  onEvent: optional(callable),
  clock,
  random,
} satisfies Record<keyof HandlerOptions, Check>;
