import {
  atMost,
  callable,
  callableOr,
  clock,
  deadLetterQueueUrl,
  flag,
  group,
  having,
  ids,
  logger,
  metrics,
  optional,
  queueUrl,
  random,
  region,
  schema,
  sqs,
  tracer,
  whole,
  within,
  type Check,
} from '@huntaze/kit/checks';
import type { CircuitOptions, ClientOptions, CoalesceOptions, RetryOptions } from './options.ts';
import { isFifo } from '@huntaze/kit';

const MAX_BATCH_CONCURRENCY = 32;

/** The longest wait between attempts, where the host does not say. */
export const DEFAULT_MAX_DELAY_MS = 5_000;

const concurrency: Check = (found, name, { queueUrl: url }) => {
  if (typeof url !== 'string' || !isFifo(url)) return whole(1, MAX_BATCH_CONCURRENCY)(found, name, {});
  return found === 1
    ? []
    : [`${name}: expected 1, which keeps the order of a FIFO queue, found ${String(found)}`];
};

const bypass: Check = (found, name, { enabled = true, rolloutPercent = 100 }) => {
  if (found !== undefined) return callable(found, name, {});
  if (enabled === true && rolloutPercent === 100) return [];
  return [
    `${name}: expected a function that sends a message directly, found undefined: enabled and rolloutPercent may keep messages from the queue, and without it they would have nowhere to go`,
  ];
};

const retryChecks = {
  maxAttempts: optional(whole(1, 10)),
  initialDelayMs: optional(atMost(whole(0, 60_000), 'maxDelayMs', DEFAULT_MAX_DELAY_MS)),
  maxDelayMs: optional(whole(0, 3_600_000)),
} satisfies Record<keyof RetryOptions, Check>;

const breakerChecks = {
  failureThreshold: optional(whole(1, 1_000)),
  halfOpenAfterMs: optional(whole(1, 86_400_000)),
} satisfies Record<keyof CircuitOptions, Check>;

const coalesceChecks = {
  maxWaitMs: optional(whole(0, 1_000)),
} satisfies Record<keyof CoalesceOptions, Check>;

/** What each option of a client must be. */
export const clientChecks = {
  queueUrl,
  deadLetterQueueUrl: optional(deadLetterQueueUrl),
  sqs,
  region: optional(region),
  payload: optional(schema),
  schemaMessages: optional(flag),
  fallbackStore: optional(having('save', 'claim', 'markReplayed', 'markFailed', 'counts')),
  fallbackAfterMs: optional(whole(1, 60_000)),
  retry: optional(group(retryChecks)),
  breaker: optional(group(breakerChecks)),
  timeoutMs: optional(whole(1, 600_000)),
  coalesce: optional(group(coalesceChecks)),
  enabled: optional(callableOr(flag)),
  rolloutPercent: optional(callableOr(within(0, 100))),
  bypass,
  batchConcurrency: optional(concurrency),
  clock,
  ids,
  random,
  logger,
  metrics,
  tracer,
  onEvent: optional(callable),
} satisfies Record<keyof ClientOptions, Check>;
