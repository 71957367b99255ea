import { RetryAfterError, systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import * as checks from '../checks/checks.ts';
import { httpDateMs } from './http-date.ts';

/** The part of a `Response` that is read: anything with its `headers`. */
export interface ResponseHeaders {
  readonly headers: { get(name: string): string | null };
}

export interface RetryAfterOptions {
  /** How long to hold the key when the response does not say, at most `maxMs`. Default 60,000. */
  readonly defaultMs?: number;
  /** The longest hold that a response can ask for. Default 3,600,000. */
  readonly maxMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
}

const DEFAULT_MAX_MS = 3_600_000;

/** Longer than any queue keeps a message. */
const LONGEST_HOLD_MS = 31 * 24 * 3_600_000;

const responseCheck = checks.expecting(
  'a response with headers',
  (found) => typeof Object(Object(found)['headers']).get === 'function',
);

const hold = checks.whole(0, LONGEST_HOLD_MS);

const retryAfterTable = {
  defaultMs: { check: checks.atMost(hold, 'maxMs', DEFAULT_MAX_MS), default: 60_000 },
  maxMs: { check: hold, default: DEFAULT_MAX_MS },
  clock: { check: checks.clock, default: systemClock },
} satisfies checks.OptionTable<RetryAfterOptions>;

/** Above these, a number is an instant since 1970 and not a duration: 1973 in seconds, and in milliseconds. */
const EPOCH_SECONDS = 1e8;
const EPOCH_MS = 1e11;

/**
 * Makes the error that holds a key, from a response that asks to slow down: `throw retryAfterFrom(response)`.
 *
 * Reads, in this order: `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3), `Retry-After-Ms`,
 * `X-RateLimit-Reset-After` in seconds, the reset in `RateLimit` (draft-ietf-httpapi-ratelimit-headers, also as earlier
 * drafts wrote it), and `RateLimit-Reset` or `X-RateLimit-Reset` as seconds from now, seconds since 1970 or milliseconds
 * since 1970. Of several values in one header, the latest holds. A date is compared with the response's own `Date`, so
 * that clocks need not agree. What cannot be read counts as absent; the past counts as now.
 * @throws {ConfigurationError} when the options are wrong, or the response is none.
 */
export function retryAfterFrom(response: ResponseHeaders, options: RetryAfterOptions = {}): RetryAfterError {
  const problems = responseCheck(response, 'retryAfterFrom.response', {});
  const { defaultMs, maxMs, clock } = checks.readOptions(
    retryAfterTable,
    options,
    'retryAfterFrom.',
    problems,
  );
  const header = (name: string) => response.headers.get(name)?.trim() ?? '';
  const nowMs = firstRead(httpDateMs(header('Date')), clock.nowMs());
  const reset = (text: string) => resetMs(text, nowMs);
  const waitMs = firstRead(
    latest(header('Retry-After'), (text) => firstRead(secondsMs(text), httpDateMs(text) - nowMs)),
    latest(header('Retry-After-Ms'), number),
    latest(header('X-RateLimit-Reset-After'), secondsMs),
    rateLimitMs(header('RateLimit')),
    latest(header('RateLimit-Reset'), reset),
    latest(header('X-RateLimit-Reset'), reset),
    defaultMs,
  );
  return new RetryAfterError({ retryAfterMs: Math.ceil(Math.min(maxMs, Math.max(0, waitMs))) });
}

/** The first value that could be read. What cannot be read is NaN, here and below. */
function firstRead(...values: readonly number[]): number {
  return values.find((value) => !Number.isNaN(value)) ?? Number.NaN;
}

/** The longest wait in a header, whose repetitions arrive as one list. The comma within a date is followed by its day. */
function latest(text: string, read: (item: string) => number): number {
  return Math.max(...text.split(/\s*,(?!\s*\d\d[ -][A-Z])\s*/i).map(read));
}

/**
 * When the exhausted policies of `"default";r=0;t=30, "daily";r=9;t=7200` are reset, or all of them if none says so;
 * earlier drafts wrote `limit=10, remaining=0, reset=30`.
 */
function rateLimitMs(text: string): number {
  const policies = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(',');
  const exhausted = policies.filter((policy) => /;\s*r=0\s*(?:;|$)/.test(policy));
  const decisive = exhausted.length > 0 ? exhausted : policies.filter((policy) => policyMs(policy) >= 0);
  return decisive.length > 0 ? Math.max(...decisive.map(policyMs)) : Number.NaN;
}

function policyMs(policy: string): number {
  return secondsMs(/(?:^|;)\s*(?:t|reset)=([^;\s]*)/.exec(policy)?.[1] ?? '');
}

/** A plain decimal number, not negative. */
function number(text: string): number {
  return /^\d{1,20}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
}

function secondsMs(text: string): number {
  return number(text) * 1_000;
}

function resetMs(text: string, nowMs: number): number {
  const value = number(text);
  if (value >= EPOCH_MS) return value - nowMs;
  return value >= EPOCH_SECONDS ? value * 1_000 - nowMs : value * 1_000;
}
