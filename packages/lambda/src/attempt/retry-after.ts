import { RetryAfterError, systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import * as checks from '../checks/checks.ts';

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
 * `X-RateLimit-Reset-After` in seconds, and `RateLimit-Reset` or `X-RateLimit-Reset` as seconds from now, seconds
 * since 1970 or milliseconds since 1970. A date is compared with the response's own `Date`, so that clocks need
 * not agree. What cannot be read counts as absent; the past counts as now.
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
  const sentAtMs = Date.parse(header('Date'));
  const nowMs = Number.isNaN(sentAtMs) ? clock.nowMs() : sentAtMs;
  const forms = [
    secondsMs(header('Retry-After')) ?? dateMs(header('Retry-After'), nowMs),
    number(header('Retry-After-Ms')),
    secondsMs(header('X-RateLimit-Reset-After')),
    resetMs(header('RateLimit-Reset'), nowMs) ?? resetMs(header('X-RateLimit-Reset'), nowMs),
  ];
  const waitMs = forms.find((form) => form !== undefined) ?? defaultMs;
  return new RetryAfterError({ retryAfterMs: Math.ceil(Math.min(maxMs, Math.max(0, waitMs))) });
}

/** A plain decimal number, not negative; undefined for anything else. */
function number(text: string): number | undefined {
  return /^\d{1,20}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

function secondsMs(text: string): number | undefined {
  const seconds = number(text);
  return seconds === undefined ? undefined : seconds * 1_000;
}

function dateMs(text: string, nowMs: number): number | undefined {
  const instantMs = /[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(instantMs) ? undefined : instantMs - nowMs;
}

function resetMs(text: string, nowMs: number): number | undefined {
  const value = number(text);
  if (value === undefined) return undefined;
  if (value >= EPOCH_MS) return value - nowMs;
  return value >= EPOCH_SECONDS ? value * 1_000 - nowMs : value * 1_000;
}
