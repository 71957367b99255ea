import { isRetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { retryAfterFrom } from './retry-after.ts';

const clock = fakeClock(Date.UTC(2026, 0, 1));
const nowSeconds = clock.nowMs() / 1_000;

const hold = (headers: Record<string, string>) =>
  retryAfterFrom({ headers: new Headers(headers) }, { clock }).retryAfterMs;

describe('retryAfterFrom', () => {
  it.each<[string, Record<string, string>, number]>([
    ['seconds', { 'Retry-After': '7' }, 7_000],
    ['zero', { 'Retry-After': '0' }, 0],
    ['a fraction of seconds', { 'Retry-After': '1.5' }, 1_500],
    ['seconds amid white space', { 'Retry-After': ' 7 ' }, 7_000],
    ['a date', { 'Retry-After': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
    [
      "a date, by the response's own clock",
      { 'Retry-After': 'Thu, 01 Jan 2026 01:00:30 GMT', Date: 'Thu, 01 Jan 2026 01:00:00 GMT' },
      30_000,
    ],
    ['a date in the past', { 'Retry-After': 'Wed, 31 Dec 2025 23:00:00 GMT' }, 0],
    ['milliseconds', { 'Retry-After-Ms': '250' }, 250],
    ['seconds until the reset', { 'X-RateLimit-Reset-After': '2.25' }, 2_250],
    ['a reset in seconds from now', { 'RateLimit-Reset': '45' }, 45_000],
    ['a reset in seconds since 1970', { 'X-RateLimit-Reset': String(nowSeconds + 20) }, 20_000],
    ['a reset in milliseconds since 1970', { 'X-RateLimit-Reset': String(clock.nowMs() + 1_234) }, 1_234],
    ['a reset in the past', { 'X-RateLimit-Reset': String(nowSeconds - 20) }, 0],
    ['Retry-After before the others', { 'Retry-After': '3', 'X-RateLimit-Reset-After': '9' }, 3_000],
    ['the next form when the first cannot be read', { 'Retry-After': 'soon', 'RateLimit-Reset': '4' }, 4_000],
    ['nothing', {}, 60_000],
    ['an empty header', { 'Retry-After': '' }, 60_000],
    ['a negative number', { 'Retry-After': '-5' }, 60_000],
    ['a number that is none', { 'Retry-After': 'Infinity' }, 60_000],
    ['an exponent', { 'Retry-After': '1e9' }, 60_000],
    ['a century', { 'Retry-After': '3153600000' }, 3_600_000],
    ['a date far away', { 'Retry-After': 'Fri, 01 Jan 2126 00:00:00 GMT' }, 3_600_000],
  ])('understands %s', (_form, headers, expected) => {
    expect(hold(headers)).toBe(expected);
  });

  it('gives the error to throw, with bounds of the host', () => {
    const response = new Response(null, { status: 429, headers: { 'Retry-After': '100' } });
    const error = retryAfterFrom(response, { maxMs: 10_000 });
    expect(isRetryAfterError(error)).toBe(true);
    expect(error.retryAfterMs).toBe(10_000);
    expect(retryAfterFrom(new Response(null), { defaultMs: 5 }).retryAfterMs).toBe(5);
  });
});
