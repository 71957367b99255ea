import { describeType } from '@huntaze/kit';

/** Stable, machine-readable names of everything that can go wrong. */
export type ErrorCode =
  | 'CONFIGURATION'
  | 'PAYLOAD'
  | 'QUEUE_UNAVAILABLE'
  | 'QUEUE_REJECTED'
  | 'CLIENT_CLOSED'
  | 'BYPASS'
  | 'STORE_UNAVAILABLE'
  | 'LIMITER_UNAVAILABLE'
  | 'PERMANENT'
  | 'RETRY_AFTER';

/**
 * What every error of the packages has in common. A message says what was expected, what was found
 * and what to do; it never holds payload content.
 */
export class RateLimiterError extends Error {
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, retryable: boolean, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.retryable = retryable;
  }
}

/** An option is missing or wrong. Thrown only while something is created, with every problem in one error. Holds no content. */
export class ConfigurationError extends RateLimiterError {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super('CONFIGURATION', false, problems.join('; '));
    this.problems = problems;
  }
}

/** One thing wrong with a message: where, and what was expected and found there. */
export interface PayloadProblem {
  /**
   * Place inside the message: `key`, or positions in the payload from 0, of fields and items: `payload[2][0]`. Fields are
   * named where the schema's own words are repeated: `payload.mediaUrls[0]`.
   */
  readonly path: string;
  readonly message: string;
}

/** How many problems an error's message spells out; `problems` holds all of them. */
const MAX_SPELLED_OUT = 20;

/** A message was refused before it left the process: nothing was sent. */
export class PayloadError extends RateLimiterError {
  override readonly name = 'PayloadError';
  readonly problems: readonly PayloadProblem[];

  constructor(problems: readonly PayloadProblem[], cause?: unknown) {
    const spelledOut = problems.slice(0, MAX_SPELLED_OUT).map(({ path, message }) => `${path}: ${message}`);
    const more = problems.length - spelledOut.length;
    super('PAYLOAD', false, [...spelledOut, ...(more > 0 ? [`and ${more} more`] : [])].join('; '), cause);
    this.problems = problems;
  }
}

/** SQS could not be reached or would not take the message now. It may or may not have been queued. */
export class QueueUnavailableError extends RateLimiterError {
  override readonly name = 'QueueUnavailableError';
  /** The message to send again with the same id; undefined where no single message is meant. */
  readonly messageId: string | undefined;

  constructor(message: string, cause?: unknown, messageId?: string) {
    super('QUEUE_UNAVAILABLE', true, message, cause);
    this.messageId = messageId;
  }
}

/** SQS refused the call for a reason that a retry does not change: no permission, no such queue, a bad request. */
export class QueueRejectedError extends RateLimiterError {
  override readonly name = 'QueueRejectedError';

  constructor(message: string, cause?: unknown) {
    super('QUEUE_REJECTED', false, message, cause);
  }
}

/** The client was used after `close`. */
export class ClientClosedError extends RateLimiterError {
  override readonly name = 'ClientClosedError';

  constructor() {
    super('CLIENT_CLOSED', false, 'expected an open client, found one after close(): create a new client');
  }
}

/** The host's own `bypass` threw. Whether the message was sent, only the cause knows. */
export class BypassError extends RateLimiterError {
  override readonly name = 'BypassError';
  readonly messageId: string;

  constructor(messageId: string, cause: unknown) {
    super(
      'BYPASS',
      false,
      'expected your bypass to send the message, found that it threw: see the cause',
      cause,
    );
    this.messageId = messageId;
  }
}

/** The fallback store could not be reached. What it was asked to do may have happened; asking again is safe. */
export class StoreUnavailableError extends RateLimiterError {
  override readonly name = 'StoreUnavailableError';

  constructor(message: string, cause?: unknown) {
    super('STORE_UNAVAILABLE', true, message, cause);
  }
}

/** The limiter reached no decision: nothing is admitted until it answers again. */
export class LimiterUnavailableError extends RateLimiterError {
  override readonly name = 'LimiterUnavailableError';

  constructor(message: string, cause?: unknown) {
    super('LIMITER_UNAVAILABLE', true, message, cause);
  }
}

/** Thrown by `deliver`: this message can never succeed. It becomes a dead letter at once. */
export class PermanentError extends RateLimiterError {
  override readonly name = 'PermanentError';

  /**
   * @param reason goes into the dead letter's `reason` attribute: keep payload content out of it. What is no text is left
   * out, and the letter says `unknown`.
   */
  constructor(reason: string, cause?: unknown) {
    super('PERMANENT', false, typeof reason === 'string' ? reason : '', cause);
  }
}

/** Thrown by `deliver`: the upstream asked for silence. Its key is held for all workers; it does not count as an attempt. */
export class RetryAfterError extends RateLimiterError {
  override readonly name = 'RetryAfterError';
  readonly retryAfterMs: number;

  /** @throws {ConfigurationError} when `retryAfterMs` is no finite number: nobody would know how long to wait. */
  constructor(options: { readonly retryAfterMs: number; readonly cause?: unknown }) {
    const { retryAfterMs, cause } = Object(options) as typeof options;
    if (!Number.isFinite(retryAfterMs))
      throw new ConfigurationError([
        `RetryAfterError: expected { retryAfterMs } with a finite number of milliseconds, found ${describeType(retryAfterMs)}`,
      ]);
    super('RETRY_AFTER', true, `the upstream asked to wait ${retryAfterMs} ms`, cause);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Guards match on `code`, not on the class: two copies of the package must agree. */
const hasCode =
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each guard names its class
  <Kind extends RateLimiterError>(code: ErrorCode) =>
    (error: unknown): error is Kind =>
      error instanceof Error && (error as { code?: unknown }).code === code;

export const isConfigurationError = /* @__PURE__ */ hasCode<ConfigurationError>('CONFIGURATION');
export const isPayloadError = /* @__PURE__ */ hasCode<PayloadError>('PAYLOAD');
export const isQueueUnavailableError = /* @__PURE__ */ hasCode<QueueUnavailableError>('QUEUE_UNAVAILABLE');
export const isQueueRejectedError = /* @__PURE__ */ hasCode<QueueRejectedError>('QUEUE_REJECTED');
export const isClientClosedError = /* @__PURE__ */ hasCode<ClientClosedError>('CLIENT_CLOSED');
export const isBypassError = /* @__PURE__ */ hasCode<BypassError>('BYPASS');
export const isStoreUnavailableError = /* @__PURE__ */ hasCode<StoreUnavailableError>('STORE_UNAVAILABLE');
export const isLimiterUnavailableError =
  /* @__PURE__ */ hasCode<LimiterUnavailableError>('LIMITER_UNAVAILABLE');
export const isPermanentError = /* @__PURE__ */ hasCode<PermanentError>('PERMANENT');
export const isRetryAfterError = (error: unknown): error is RetryAfterError =>
  hasCode<RetryAfterError>('RETRY_AFTER')(error) && Number.isFinite(error.retryAfterMs);
