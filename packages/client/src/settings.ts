import { guardListener, isFifo } from '@huntaze/kit';
import * as checks from '@huntaze/kit/checks';
import { checksOf, filled, whole, type Check, type OptionTable } from '@huntaze/kit/checks';
import {
  jsonPayload,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  uuidIds,
  type PayloadSchema,
} from './contract/index.ts';
import { readOptions } from './contract/require-options.ts';
import type { CircuitOptions, ClientOptions, CoalesceOptions, RetryOptions } from './options.ts';
import type { Bypass } from './send/bypass.ts';

/** Options for payloads of any kind. */
type GivenOptions = Omit<ClientOptions<PayloadSchema>, 'bypass'> & { readonly bypass?: Bypass | undefined };

const MAX_BATCH_CONCURRENCY = 32;

/** Requests that a batch keeps under way when the host does not say: enough to hide the way to SQS and back. */
const DEFAULT_BATCH_CONCURRENCY = 4;

/** The longest wait between attempts, where the host does not say. */
const DEFAULT_MAX_DELAY_MS = 5_000;

const concurrency: Check = (found, name, { queueUrl: url }) => {
  if (typeof url !== 'string' || !isFifo(url)) return whole(1, MAX_BATCH_CONCURRENCY)(found, name, {});
  return found === 1
    ? []
    : [`${name}: expected 1, which keeps the order of a FIFO queue, found ${String(found)}`];
};

const bypass: Check = (found, name, { enabled = true, rolloutPercent = 100 }) => {
  if (found !== undefined) return checks.callable(found, name, {});
  if (enabled === true && rolloutPercent === 100) return [];
  return [
    `${name}: expected a function that sends a message directly, found undefined: enabled and rolloutPercent may keep messages from the queue, and without it they would have nowhere to go`,
  ];
};

const initialDelay = checks.atMost(whole(0, 60_000), 'maxDelayMs', DEFAULT_MAX_DELAY_MS);

const retryTable = {
  maxAttempts: { check: whole(1, 10), default: 3 },
  // A smaller `maxDelayMs` lowers this default.
  initialDelayMs: { check: initialDelay, default: 100 },
  maxDelayMs: { check: whole(0, 3_600_000), default: DEFAULT_MAX_DELAY_MS },
} satisfies OptionTable<RetryOptions>;

const breakerTable = {
  failureThreshold: { check: whole(1, 1_000), default: 5 },
  halfOpenAfterMs: { check: whole(1, 86_400_000), default: 60_000 },
} satisfies OptionTable<CircuitOptions>;

const coalesceTable = {
  maxWaitMs: { check: whole(0, 1_000), default: 5 },
} satisfies OptionTable<CoalesceOptions>;

/** What each option of a client must be, and its value when it is left out. */
const clientTable = {
  queueUrl: { check: checks.queueUrl },
  deadLetterQueueUrl: { check: checks.deadLetterQueueUrl, default: undefined },
  sqs: { check: checks.sqs, default: undefined },
  region: { check: checks.region, default: undefined },
  fairQueue: { check: checks.flag, default: true },
  payload: { check: checks.schema, default: jsonPayload },
  schemaMessages: { check: checks.flag, default: false },
  fallbackStore: {
    check: checks.having('save', 'claim', 'markReplayed', 'markFailed', 'counts'),
    default: undefined,
  },
  fallbackAfterMs: { check: whole(1, 60_000), default: 250 },
  retry: { check: checks.group(checksOf(retryTable)), default: undefined },
  breaker: { check: checks.group(checksOf(breakerTable)), default: undefined },
  timeoutMs: { check: whole(1, 600_000), default: 3_000 },
  coalesce: { check: checks.group(checksOf(coalesceTable)), default: undefined },
  enabled: { check: checks.callableOr(checks.flag), default: true },
  rolloutPercent: { check: checks.callableOr(checks.within(0, 100)), default: 100 },
  // Required where a message may not be queued: the check says so.
  bypass: { check: bypass },
  batchConcurrency: { check: concurrency, default: undefined },
  clock: { check: checks.clock, default: systemClock },
  ids: { check: checks.ids, default: uuidIds },
  random: { check: checks.random, default: systemRandom },
  logger: { check: checks.logger, default: silentLogger },
  metrics: { check: checks.metrics, default: silentMetrics },
  tracer: { check: checks.tracer, default: silentTracer },
  onEvent: { check: checks.callable, default: undefined },
} satisfies OptionTable<GivenOptions>;

/**
 * Checks the options and fills in the defaults, once. Without `sqs` a client is to be created.
 * @throws {ConfigurationError} with every problem.
 */
export function resolveOptions(options: GivenOptions) {
  const settings = readOptions<GivenOptions, typeof clientTable>(clientTable, options);
  const retry = filled(retryTable, settings.retry);
  return Object.freeze({
    ...settings,
    retry: Object.freeze({ ...retry, initialDelayMs: Math.min(retry.initialDelayMs, retry.maxDelayMs) }),
    breaker: filled(breakerTable, settings.breaker),
    coalesce: filled(coalesceTable, settings.coalesce),
    batchConcurrency:
      settings.batchConcurrency ?? (isFifo(settings.queueUrl) ? 1 : DEFAULT_BATCH_CONCURRENCY),
    /** Undefined where every message is always queued. */
    bypass: options.bypass,
    onEvent: guardListener(settings.onEvent),
  });
}
