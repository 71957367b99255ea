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
    ['a date in the old form of RFC 850', { 'Retry-After': 'Thursday, 01-Jan-26 00:00:30 GMT' }, 30_000],
    ['a date as asctime writes it, in GMT', { 'Retry-After': 'Thu Jan  1 00:00:30 2026' }, 30_000],
    [
      "a date as asctime writes it, by the response's own clock",
      { 'Retry-After': 'Thu Jan 01 01:00:30 2026', Date: 'Thu Jan  1 01:00:00 2026' },
      30_000,
    ],
    ['a date of another zone', { 'Retry-After': 'Thu, 01 Jan 2026 01:00:30 +0100' }, 30_000],
    ['a date without a zone', { 'Retry-After': 'Thu, 01 Jan 2026 00:00:30' }, 60_000],
    ['a day that no month has', { 'Retry-After': 'Thu, 99 Jan 2026 00:00:30 GMT' }, 60_000],
    ['a month that does not exist', { 'Retry-After': 'Thu, 01 Foo 2026 00:00:30 GMT' }, 60_000],
    ['the longest of a list', { 'Retry-After': '120, 130' }, 130_000],
    ['a list of the same', { 'Retry-After': '120, 120' }, 120_000],
    [
      'the latest of a list of dates',
      { 'Retry-After': 'Thu, 01 Jan 2026 00:00:30 GMT, Thursday, 01-Jan-26 00:00:40 GMT' },
      40_000,
    ],
    ['a list that holds something else', { 'Retry-After': '5, soon' }, 60_000],
    ['words around a number', { 'Retry-After': 'retry in 5' }, 60_000],
    ['words that name a month', { 'Retry-After': 'not before March 3' }, 60_000],
    ['a number with its unit', { 'Retry-After': '5s' }, 60_000],
    ['the exhausted policy', { RateLimit: '"default";r=0;t=30' }, 30_000],
    ['the exhausted policy of several', { RateLimit: '"a;t=1,b";r=9;t=7200, "burst"; r=0; t=12' }, 12_000],
    ['the latest policy when none is exhausted', { RateLimit: '"a";r=1;t=10,"b";r=2;t=20' }, 20_000],
    ['an exhausted policy without a reset', { RateLimit: '"a";r=1;t=10, "b";r=0' }, 60_000],
    ['a policy whose reset cannot be read', { RateLimit: '"a";r=0;t=soon' }, 60_000],
    ['the field of earlier drafts', { RateLimit: 'limit=10, remaining=0, reset=25' }, 25_000],
    ['the field before the older headers', { RateLimit: '"a";r=0;t=9', 'RateLimit-Reset': '3' }, 9_000],
    ['a policy alone', { 'RateLimit-Policy': '"default";q=10;w=60' }, 60_000],
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
