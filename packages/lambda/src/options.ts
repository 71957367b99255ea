import type {
  Clock,
  JsonValue,
  Logger,
  Metrics,
  PayloadOutput,
  PayloadSchema,
  Random,
  Tracer,
} from '@huntaze/rate-limiter-client/contract';
import type { Deliver, DeliveryMode } from './attempt/deliver.ts';
import type { Backoff } from './attempt/outcome.ts';
import type { MessageOperations } from './handler-limiter/bounded-limiter.ts';
import type { Limiter } from './limiter/limiter.ts';
import type { OnLimiterUnavailable } from './handler-limiter/on-limiter-unavailable.ts';
import type { CostOf, LimitsOf } from './message/admission-policy.ts';
import type { SqsClient } from './sqs/sqs-client.ts';
import type { OnEvent } from './telemetry/handler-events.ts';

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
   * How many slots a message takes under each of its limits, or a function that says so. Default 1. More than the
   * smallest limit, or than 1,000, makes a dead letter with the reason `invalid-cost`.
   */
  readonly cost?: CostOf<PayloadOutput<Schema>>;
  /**
   * What a priority is worth, in milliseconds of waiting: a message goes before those one priority above it that were
   * first seen so much later or more. Default: none; priority is strict, however long a message waits.
   */
  readonly agingMs?: number;
  /**
   * Where admissions are counted: `redisLimiter`, or `memoryLimiter` for a single process, each with the name of its
   * `upstream`. When a waiting message becomes a dead letter, `find` supplies its attempts and `cancel` frees its
   * position, where the limiter has them.
   */
  readonly limiter: Limiter & MessageOperations;
  /** Where messages go that can never be delivered, with their reason. */
  readonly deadLetterQueueUrl: string;
  /** Any Standard Schema; `deliver` receives its output. Default: any JSON value. */
  readonly payload?: Schema;
  /**
   * For development: whether logs and dead letters repeat the schema's own messages and field names, which may quote the
   * payload. Default false: they say where a payload is wrong, by positions, and what kind of value is there.
   */
  readonly schemaMessages?: boolean;
  /** Default: its own, for the region in each queue's URL or ARN, with endpoints and credentials as the AWS SDK finds them. */
  readonly sqs?: SqsClient;
  /** Default: the queue of the worker, or in Lambda the one that the event's ARN names, for queues on AWS. */
  readonly queueUrl?: string;
  /** How many messages of one batch are delivered at once. Default 10, at most 100. */
  readonly concurrency?: number;
  /**
   * How long an invocation may hold messages that are almost due, to deliver them at their exact time. Default 3,000.
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
   * How long `deliver` may take without changing the schedule: about the 99th percentile of `DeliveryLatency`. A slot is
   * taken for the window plus this; a delivery that takes longer keeps its slot longer. Default 4 % of the window, at most
   * 400.
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
   * `1 / workers`, lest the workers alone exceed the limit. A repetition is recognised only
   * by the process that made the message final alone, and a silence that the upstream asks for is kept by the process
   * that was asked alone.
   */
  readonly onLimiterUnavailable?: OnLimiterUnavailable;
  /** How often `deliver` is called for one message before it becomes a dead letter. Default 5. */
  readonly maxAttempts?: number;
  /**
   * How often the upstream may ask for silence (`RetryAfterError`) instead of taking one message, which is no attempt,
   * before that message becomes a dead letter with the reason `throttled`. Default 100.
   */
  readonly maxThrottles?: number;
  /** Delay between attempts: exponential with full jitter. Default 1,000 to 900,000, which is also the most. */
  readonly backoff?: Partial<Backoff>;
  /** How long SQS, the limiter, or a schema that validates asynchronously may take to answer. Default 5,000. */
  readonly timeoutMs?: number;
  /** Default: in Lambda lines of its log in CloudWatch's embedded metric format, one per batch; elsewhere none. */
  readonly metrics?: Metrics;
  /**
   * Takes pino and everything of its shape; `deliver` gets it too. Default: in Lambda lines of JSON in its log, one per
   * batch, one per dead letter and one for whatever goes wrong; elsewhere silent. `silentLogger` of
   * `@huntaze/rate-limiter-client/contract` is silent there too.
   */
  readonly logger?: Logger;
  /** One span per delivery, linked to the one of the sender. Default: none. */
  readonly tracer?: Tracer;
  /** Hears what happens to each message. Be quick; what it throws is ignored. Default: none. */
  readonly onEvent?: OnEvent;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Spreads retries, and returns after an outage, over time. Default: the engine's generator. */
  readonly random?: Random;
}
