import { SQSClient } from '@aws-sdk/client-sqs';
import {
  ConfigurationError,
  guardPorts,
  jsonPayload,
  silentLogger,
  silentMetrics,
  silentTracer,
  systemClock,
  systemRandom,
  type Clock,
  type GuardedPorts,
  type JsonValue,
  type Logger,
  type Metrics,
  type PayloadOutput,
  type PayloadSchema,
  type Random,
  type Tracer,
} from '@huntaze/rate-limiter-client/contract';
import { boundedOperations, boundedSqs, type MessageOperations } from './bounded-ports.ts';
import { deliveryModes, type Deliver, type DeliveryMode } from './delivery/deliver.ts';
import type { Backoff } from './delivery/fate.ts';
import { termsFrom, termsProblems, type CostOf, type LimitsOf, type TermsOf } from './delivery/terms.ts';
import { guardListener, type OnEvent } from './events.ts';
import type { LimiterOperations } from './limiter/operations.ts';
import { MAX_CANDIDATES, type Limiter } from './limiter/limiter.ts';
import type { StandInLimiter } from './local-share/local-share.ts';
import { perMinute } from './limits/limit.ts';
import { defaultMarginMs } from './limits/margin.ts';
import { queueFactsReader, type QueueFactsReader } from './parking/queue-facts.ts';
import type { SqsClient } from './sqs.ts';
import { handlerLimiter, unavailableProblems, type OnLimiterUnavailable } from './unavailable.ts';
import { wholeProblems } from './whole.ts';

export interface HandlerOptions<Schema extends PayloadSchema = PayloadSchema<JsonValue>> {
  /** Hands one message to the upstream. What it throws decides the message's fate. */
  readonly deliver: Deliver<PayloadOutput<Schema>>;
  /**
   * What the messages of one key must keep, such as `perMinute(10)`; or a function of the message that says so, such as
   * by the tier of its account. The messages of one key are counted together, whatever their limits. While the function
   * fails, its messages stay in the queue.
   */
  readonly limits: LimitsOf<PayloadOutput<Schema>>;
  /**
   * How many places a message takes under each of its limits, or a function that says so. Default 1. More than the
   * smallest limit, or than 1,000, makes a dead letter with the reason `invalid-cost`.
   */
  readonly cost?: CostOf<PayloadOutput<Schema>>;
  /**
   * What a priority is worth, in milliseconds of waiting: a message goes before those one priority above it that were
   * first seen so much later or more. Default: none; priority is strict, however long a message waits.
   */
  readonly agingMs?: number;
  /**
   * Where admissions are counted: `redisLimiter`, or `memoryLimiter` for a single process. Of messages that are set aside
   * while they wait, one that can `find` is asked for their attempts, and one that can `cancel` is told.
   */
  readonly limiter: Limiter & MessageOperations;
  /** Where messages go that can never be delivered, with their reason. */
  readonly deadLetterQueueUrl: string;
  /** Any Standard Schema; `deliver` receives its output. Default: any JSON value. */
  readonly payload?: Schema;
  /** Default: a new `SQSClient` for the environment's region. */
  readonly sqs?: SqsClient;
  /** Default: the queue of the worker, or in Lambda the one that the event's ARN names, for queues on AWS. */
  readonly queueUrl?: string;
  /** How many messages of one batch are delivered at once. Default 10, at most 100. */
  readonly concurrency?: number;
  /**
   * How long an invocation may hold messages that are almost due, to deliver them at their exact time. Default 2,000.
   * 0 costs a quarter of the billed time, and half as many receives again; due messages then go out up to a second late.
   */
  readonly inlineHoldMs?: number;
  /**
   * How much of what SQS lets be in flight, 120,000 messages of a queue, parked ones included, may be used before
   * messages are not parked any more: those come back when the queue's own visibility timeout ends, one receive each
   * time, and the rest is left to what is due. Default 0.8.
   */
  readonly inFlightShare?: number;
  /** How long the queue keeps messages. What would wait longer becomes a dead letter. Default: what the queue says. */
  readonly retentionMs?: number;
  /**
   * How long `deliver` may take without changing the schedule: about its 99th percentile. A place is taken for the
   * window plus this; a delivery that takes longer keeps its place longer. Default 4 % of the window, at most 400.
   */
  readonly marginMs?: number;
  /**
   * How long a claim excludes other workers after its own has died. It is renewed while `deliver` runs. Default 60,000.
   */
  readonly leaseMs?: number;
  /** The longest `deliver` may take; in Lambda also half a second less than the function. Default: `leaseMs`. */
  readonly deliverTimeoutMs?: number;
  /**
   * What becomes of a message whose last delivery may have had its effect, because it did not end in time or its
   * worker died. Default `at-least-once`: it is delivered again. `at-most-once`: it becomes a dead letter with the
   * reason `uncertain`, and a person decides.
   */
  readonly delivery?: DeliveryMode;
  /**
   * What happens while the limiter has no answer. Default `park`: nothing is delivered, messages come back every few
   * minutes. `{ localShare }`: this process delivers by itself, with that part of each limit, from 0 to 1, rounded
   * down to whole messages, once the limiter has been silent for `leaseMs` and a window.
   *
   * Processes do not see each other then. While some reach the limiter and others do not, a window may hold
   * `limit × (1 + workers × localShare)` messages: give limits that leave room for that, and a share of at most
   * `1 / workers`, lest the workers alone exceed the limit. Repetitions are recognised only within one process.
   */
  readonly onLimiterUnavailable?: OnLimiterUnavailable;
  /** How often `deliver` is called for one message before it becomes a dead letter. Default 5. */
  readonly maxAttempts?: number;
  /** Delay between attempts: exponential with full jitter. Default 1,000 to 900,000, which is also the most. */
  readonly backoff?: Partial<Backoff>;
  /** How long SQS, the limiter, or a schema that validates asynchronously may take to answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** Default: in Lambda lines of its log in CloudWatch's embedded metric format, one per batch; elsewhere none. */
  readonly metrics?: Metrics;
  readonly logger?: Logger;
  /** One span per delivery, linked to the one of the sender. */
  readonly tracer?: Tracer;
  /** Hears what happens to each message. */
  readonly onEvent?: OnEvent;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** The options with every default filled in, resolved once. */
export interface Settings {
  readonly agingMs: number;
  /** How long a delivery usually takes at most. */
  readonly usualDeliveryMs: number;
  readonly limiter: StandInLimiter;
  readonly deadLetterQueueUrl: string;
  readonly sqs: SqsClient;
  readonly queueUrl: string | undefined;
  readonly queueFacts: QueueFactsReader;
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
  readonly backoff: Backoff;
  readonly metrics: GuardedPorts['metrics'];
  readonly logger: Logger;
  readonly tracer: GuardedPorts['tracer'];
  readonly onEvent: OnEvent;
  readonly clock: Clock;
  readonly random: Random;
}

/** The settings, and what is particular to one kind of payload. */
export interface DeliverySettings<Payload> extends Settings {
  readonly deliver: Deliver<Payload>;
  readonly payload: PayloadSchema<unknown, Payload>;
  readonly termsOf: TermsOf<Payload>;
}

/** As long as SQS keeps a message. */
const MAX_AGING_MS = 14 * 24 * 3_600_000;

/** Default and upper bound of the delay between attempts: 15 minutes. */
const LONGEST_BACKOFF_MS = 900_000;

/** 14 days (SetQueueAttributes, "MessageRetentionPeriod"). */
const LONGEST_RETENTION_MS = 14 * 24 * 3_600_000;

/** @throws {ConfigurationError} with every problem of the options. */
export function resolveOptions<Schema extends PayloadSchema>(
  options: HandlerOptions<Schema>,
): DeliverySettings<PayloadOutput<Schema>> {
  const { limits, cost, marginMs, agingMs = 0 } = options;
  const backoff = { initialDelayMs: 1_000, maxDelayMs: LONGEST_BACKOFF_MS, ...options.backoff };
  const settings = {
    concurrency: options.concurrency ?? 10,
    inlineHoldMs: options.inlineHoldMs ?? 2_000,
    leaseMs: options.leaseMs ?? 60_000,
    deliverTimeoutMs: options.deliverTimeoutMs ?? options.leaseMs ?? 60_000,
    timeoutMs: options.timeoutMs ?? 5_000,
    delivery: options.delivery ?? 'at-least-once',
    maxAttempts: options.maxAttempts ?? 5,
    inFlightShare: options.inFlightShare ?? 0.8,
  };
  const problems = [
    ...wholeProblems('concurrency', settings.concurrency, 1, MAX_CANDIDATES),
    ...wholeProblems('inlineHoldMs', settings.inlineHoldMs, 0, 60_000),
    ...wholeProblems('leaseMs', settings.leaseMs, 1_000, 12 * 3_600_000),
    ...(options.deliverTimeoutMs === undefined
      ? []
      : wholeProblems('deliverTimeoutMs', options.deliverTimeoutMs, 1, 12 * 3_600_000)),
    ...wholeProblems('timeoutMs', settings.timeoutMs, 1, 60_000),
    ...(deliveryModes.includes(settings.delivery)
      ? []
      : [`delivery: expected ${deliveryModes.join(' or ')}, found something else`]),
    ...unavailableProblems(options.onLimiterUnavailable, settings.delivery),
    ...(settings.inFlightShare > 0 && settings.inFlightShare <= 1
      ? []
      : [`inFlightShare: expected above 0 and at most 1, found ${String(settings.inFlightShare)}`]),
    ...(options.retentionMs === undefined
      ? []
      : wholeProblems('retentionMs', options.retentionMs, 60_000, LONGEST_RETENTION_MS)),
    ...wholeProblems('maxAttempts', settings.maxAttempts, 1, 1_000),
    ...(marginMs === undefined ? [] : wholeProblems('marginMs', marginMs, 0, 60_000)),
    ...wholeProblems('backoff.initialDelayMs', backoff.initialDelayMs, 0, LONGEST_BACKOFF_MS),
    ...wholeProblems('backoff.maxDelayMs', backoff.maxDelayMs, 0, LONGEST_BACKOFF_MS),
    ...(typeof options.deliver === 'function' ? [] : ['deliver: expected a function, found none']),
    ...wholeProblems('agingMs', agingMs, 0, MAX_AGING_MS),
    ...termsProblems(limits, cost),
    ...(options.limiter ? [] : ['limiter: expected a limiter such as redisLimiter, found nothing']),
    ...(options.deadLetterQueueUrl ? [] : ['deadLetterQueueUrl: expected the URL of a queue, found nothing']),
  ];
  if (problems.length > 0) throw new ConfigurationError(problems);
  const ports = guardPorts({
    logger: options.logger ?? silentLogger,
    metrics: options.metrics ?? silentMetrics,
    tracer: options.tracer ?? silentTracer,
  });
  const clock = options.clock ?? systemClock;
  const bounds = { clock, timeoutMs: settings.timeoutMs, metrics: ports.metrics };
  const sqs = boundedSqs(options.sqs ?? new SQSClient(), bounds);
  const { logger } = ports;
  return Object.freeze({
    ...settings,
    deliver: options.deliver,
    agingMs,
    termsOf: termsFrom(limits, cost, marginMs),
    usualDeliveryMs: marginMs ?? defaultMarginMs(typeof limits === 'function' ? perMinute(1) : limits),
    limiter: handlerLimiter(options.limiter, options.onLimiterUnavailable, bounds),
    deadLetterQueueUrl: options.deadLetterQueueUrl,
    payload: options.payload ?? jsonPayload,
    sqs,
    queueUrl: options.queueUrl,
    queueFacts: queueFactsReader({ sqs, clock, logger, retentionMs: options.retentionMs }),
    ...boundedOperations(options.limiter, bounds),
    backoff,
    ...ports,
    onEvent: guardListener(options.onEvent),
    clock,
    random: options.random ?? systemRandom,
  });
}
