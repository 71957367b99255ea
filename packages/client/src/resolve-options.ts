import {
  jsonPayload,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  uuidIds,
} from './contract/index.ts';
import type {
  Clock,
  FallbackStore,
  Ids,
  Logger,
  Metrics,
  PayloadSchema,
  Random,
  Tracer,
} from './contract/index.ts';
import type { OnClientEvent } from './events.ts';
import { requireOptions } from './contract/require-options.ts';
import { clientChecks, DEFAULT_MAX_DELAY_MS } from './option-problems.ts';
import type { CircuitOptions, ClientOptions, CoalesceOptions, RetryOptions } from './options.ts';
import type { Setting } from './rollout/setting.ts';
import type { Bypass } from './sending/direct.ts';
import { guardListener, isFifo } from '@huntaze/kit';
import type { Sqs } from './transport/sqs.ts';

/** {@link ClientOptions} checked, with every default filled in. Without `sqs` a client is to be created. */
export interface ResolvedOptions {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly sqs: Sqs | undefined;
  readonly region: string | undefined;
  readonly payload: PayloadSchema;
  readonly schemaMessages: boolean;
  readonly fallbackStore: FallbackStore | undefined;
  readonly fallbackAfterMs: number;
  readonly retry: Filled<RetryOptions>;
  readonly breaker: Filled<CircuitOptions>;
  readonly timeoutMs: number;
  readonly coalesce: Filled<CoalesceOptions>;
  readonly enabled: Setting<boolean>;
  readonly rolloutPercent: Setting<number>;
  /** Undefined where every message is always queued. */
  readonly bypass: Bypass | undefined;
  readonly batchConcurrency: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly onEvent: OnClientEvent;
}

/** Options for payloads of any kind. */
type GivenOptions = Omit<ClientOptions<PayloadSchema>, 'bypass'> & { readonly bypass?: Bypass | undefined };

type Filled<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** Requests that a batch keeps under way when the host does not say: enough to hide the way to SQS and back. */
const DEFAULT_BATCH_CONCURRENCY = 4;

/** The least wait between attempts. A longest one that is shorter holds for it too. */
const DEFAULT_INITIAL_DELAY_MS = 100;

/**
 * Checks the options and fills in the defaults, once.
 * @throws {ConfigurationError} with every problem.
 */
export function resolveOptions(options: GivenOptions): ResolvedOptions {
  requireOptions(clientChecks, options);
  const { queueUrl, deadLetterQueueUrl, sqs, region, fallbackStore, retry, breaker } = options;
  return Object.freeze({
    queueUrl,
    deadLetterQueueUrl,
    sqs,
    region,
    payload: options.payload ?? jsonPayload,
    schemaMessages: options.schemaMessages ?? false,
    fallbackStore,
    fallbackAfterMs: options.fallbackAfterMs ?? 250,
    retry: Object.freeze({
      maxAttempts: retry?.maxAttempts ?? 3,
      initialDelayMs:
        retry?.initialDelayMs ?? Math.min(DEFAULT_INITIAL_DELAY_MS, retry?.maxDelayMs ?? Infinity),
      maxDelayMs: retry?.maxDelayMs ?? DEFAULT_MAX_DELAY_MS,
    }),
    breaker: Object.freeze({
      failureThreshold: breaker?.failureThreshold ?? 5,
      halfOpenAfterMs: breaker?.halfOpenAfterMs ?? 60_000,
    }),
    timeoutMs: options.timeoutMs ?? 3_000,
    coalesce: Object.freeze({ maxWaitMs: options.coalesce?.maxWaitMs ?? 5 }),
    enabled: options.enabled ?? true,
    rolloutPercent: options.rolloutPercent ?? 100,
    bypass: options.bypass,
    batchConcurrency: options.batchConcurrency ?? (isFifo(queueUrl) ? 1 : DEFAULT_BATCH_CONCURRENCY),
    clock: options.clock ?? systemClock,
    ids: options.ids ?? uuidIds,
    random: options.random ?? systemRandom,
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
    tracer: options.tracer ?? silentTracer,
    onEvent: guardListener(options.onEvent),
  });
}
