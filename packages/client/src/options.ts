import type {
  Clock,
  FallbackStore,
  Ids,
  JsonValue,
  Logger,
  Message,
  Metrics,
  PayloadOutput,
  PayloadSchema,
  Random,
  Tracer,
} from './contract/index.ts';
import type { OnClientEvent } from './queue/client-events.ts';
import type { Setting } from './rollout/setting.ts';
import type { Sqs } from './queue/sqs.ts';

/** How a client is made. Everything but `queueUrl` has a default. */
export interface ClientOptions<Schema extends PayloadSchema = PayloadSchema<JsonValue>> {
  /** The SQS queue, standard or FIFO: `https://sqs.eu-west-1.amazonaws.com/123456789012/messages`. */
  readonly queueUrl: string;
  /** The queue's dead-letter queue, which `status` then counts too. Default: none. */
  readonly deadLetterQueueUrl?: string | undefined;
  /**
   * The SQS client: an `SQSClient`, or any object with its `send`. Create it with `maxAttempts: 1`,
   * because retries are made here, and of `@aws-sdk/client-sqs` 3.928 or newer. It stays yours: `close` leaves it open.
   * Default: its own, for the region in each queue's URL, with endpoints and credentials as the AWS SDK finds them.
   */
  readonly sqs?: Sqs | undefined;
  /** The region of the default `sqs` where a queue's URL names none. Default: the one that the AWS SDK finds. */
  readonly region?: string | undefined;
  /** What a payload must be: any Standard Schema, such as one of zod, or `onlyFansMessage`. Default: any JSON data. */
  readonly payload?: Schema | undefined;
  /**
   * For development: whether errors, logs and responses of routes repeat the schema's own messages and field names, which
   * may quote the payload. Default false: they say where a payload is wrong, by positions, and what kind of value is there.
   */
  readonly schemaMessages?: boolean | undefined;
  /**
   * Whether messages on a standard queue carry their key as `MessageGroupId`, which makes it a fair queue: no key with many
   * messages delays the others. `false` for emulators and servers that refuse it there. A FIFO queue always needs it.
   * Default: true.
   */
  readonly fairQueue?: boolean | undefined;
  /**
   * Keeps what SQS does not confirm, until `replay` takes it there: `memoryFallbackStore`, those of
   * `@huntaze/rate-limiter-adapters`, or your own. Default: none, and `send` throws what kept the message from SQS.
   */
  readonly fallbackStore?: FallbackStore | undefined;
  /**
   * With a fallback store: how long `send` waits for SQS, retries included, before the message goes to the store,
   * in milliseconds. It may then be in both, under one id, which the handler delivers once. `batch` and `replay` wait
   * as long as the retries take. Default: 250. Raise it where SQS is further away than its own region.
   */
  readonly fallbackAfterMs?: number | undefined;
  /** How requests that fail for a passing reason are repeated. Default: 3 requests in all. */
  readonly retry?: RetryOptions | undefined;
  /** When requests are no longer tried. Default: after 5 failures in a row. */
  readonly breaker?: CircuitOptions | undefined;
  /** How long one request to SQS may take before it is aborted, in milliseconds. Default: 3,000. */
  readonly timeoutMs?: number | undefined;
  /** How concurrent calls of `send` share requests. Default: within 5 ms. */
  readonly coalesce?: CoalesceOptions | undefined;
  /**
   * The flag: `false` sends every message with `bypass` instead. A function is called at most every 5 s; while it
   * fails, its last value is used, at first `true`. Default: true.
   */
  readonly enabled?: Setting<boolean> | undefined;
  /**
   * The share of keys whose messages are queued, 0 to 100; those of the others go to `bypass`. Decided by a hash of
   * the key: the same everywhere, and a higher percentage only adds keys. A function is called as for `enabled`.
   * Default: 100.
   */
  readonly rolloutPercent?: Setting<number> | undefined;
  /**
   * Your own direct sender, for when flag or rollout say so. It gets what `deliver` would get; what it throws comes
   * back as a `BypassError`. Required unless every message is always queued. Default: none.
   */
  readonly bypass?: ((message: Message<PayloadOutput<Schema>>) => unknown) | undefined;
  /** Most requests that one `batch` keeps under way, 1 to 32. Default: 4. A FIFO queue allows 1, which keeps the order. */
  readonly batchConcurrency?: number | undefined;
  /** Default: the process's own. */
  readonly clock?: Clock | undefined;
  /** Makes the ids of messages that come without one. Default: UUID version 4. */
  readonly ids?: Ids | undefined;
  /** Spreads retries over time. Default: the engine's generator. */
  readonly random?: Random | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
  /** Receives `MessagesQueued`, `MessagesStored`, `MessagesReplayed`, `MessagesBypassed` and `BreakerOpened`. Default: none. */
  readonly metrics?: Metrics | undefined;
  /** Makes a span per message, which the handler continues. Default: none. */
  readonly tracer?: Tracer | undefined;
  /** Called when the breaker changes and when a message is stored or replayed. Be quick; what it throws is ignored. Default: none. */
  readonly onEvent?: OnClientEvent | undefined;
}

/** How a request that fails for a passing reason is repeated: exponential backoff with decorrelated jitter. */
export interface RetryOptions {
  /** Requests that one message takes part in at most, 1 to 10. Default: 3. */
  readonly maxAttempts?: number | undefined;
  /** The least wait, in milliseconds, at most `maxDelayMs`. Five times as long when SQS asks to slow down. Default: 100. */
  readonly initialDelayMs?: number | undefined;
  /** The longest wait, in milliseconds. Default: 5,000. */
  readonly maxDelayMs?: number | undefined;
}

/** When requests are no longer tried. While the breaker is open, a message fails or is stored without a request. */
export interface CircuitOptions {
  /** Requests in a row that got nothing through. Default: 5. */
  readonly failureThreshold?: number | undefined;
  /** How long the breaker stays open before one request may probe, in milliseconds. Default: 60,000. */
  readonly halfOpenAfterMs?: number | undefined;
}

/** How concurrent calls of `send` share requests. */
export interface CoalesceOptions {
  /** How long a message waits for others while a request is under way, in milliseconds, 0 to 1,000. Default: 5. */
  readonly maxWaitMs?: number | undefined;
}
