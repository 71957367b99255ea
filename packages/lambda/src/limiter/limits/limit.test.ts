import { describe, expect, it } from 'vitest';
import { configurationProblems } from '../../testing/configuration-problems.ts';
import { MAX_LOG_LENGTH, perMinute, slidingWindow, tokenBucket } from './limit.ts';
import { defaultMarginMs } from './margin.ts';
import { toRules } from './rules.ts';

const MONTH_MS = 31 * 24 * 3_600_000;
const notACount = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1_000_000_001, '10', null, undefined];

/** What a problem says was found: the number, or what else it is. */
const found = (value: unknown) => (typeof value === 'string' ? 'a string' : String(value));

describe('slidingWindow', () => {
  it.each([
    [1, 1],
    [10, 60_000],
    [MAX_LOG_LENGTH, MONTH_MS],
    [1_000_000_000, MONTH_MS],
  ])('allows %i per %i ms', (limit, windowMs) => {
    expect(slidingWindow({ limit, windowMs })).toEqual({ kind: 'sliding-window', limit, windowMs });
  });

  it.each(notACount)('refuses a limit of %s', (limit) => {
    expect(configurationProblems(() => slidingWindow({ limit: limit as number, windowMs: 1_000 }))).toEqual([
      `slidingWindow.limit: expected a whole number from 1 to 1000000000, found ${found(limit)}`,
    ]);
  });

  it('counts one by one up to a limit of 10,000, or as it is told', () => {
    const exact = [
      slidingWindow({ limit: MAX_LOG_LENGTH, windowMs: 1_000 }),
      slidingWindow({ limit: MAX_LOG_LENGTH + 1, windowMs: 1_000 }),
      slidingWindow({ limit: 1, windowMs: 1_000, exact: false }),
      slidingWindow({ limit: MAX_LOG_LENGTH, windowMs: 1_000, exact: true }),
    ].map((limit) => toRules([limit], 0).windows[0]?.exact);
    expect(exact).toEqual([true, false, false, true]);
    expect(
      configurationProblems(() => slidingWindow({ limit: MAX_LOG_LENGTH + 1, windowMs: 1_000, exact: true })),
    ).toEqual(['slidingWindow.limit: expected a whole number from 1 to 10000, found 10001']);
  });

  it.each([0, -1, 0.5, Number.NaN, MONTH_MS + 1, '60s'])('refuses a window of %s', (windowMs) => {
    expect(configurationProblems(() => slidingWindow({ limit: 1, windowMs: windowMs as number }))).toEqual([
      `slidingWindow.windowMs: expected a whole number from 1 to 2678400000, found ${found(windowMs)}`,
    ]);
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(slidingWindow({ limit: 1, windowMs: 1 }))).toBe(true);
  });
});

describe('tokenBucket', () => {
  it.each([
    [1, 0.001],
    [10, 10],
    [MAX_LOG_LENGTH, 60_000_000],
  ])('allows %i at once and %d per minute', (capacity, refillPerMinute) => {
    expect(tokenBucket({ capacity, refillPerMinute })).toEqual({
      kind: 'token-bucket',
      capacity,
      refillPerMinute,
    });
  });

  it.each(notACount)('refuses a capacity of %s', (capacity) => {
    expect(
      configurationProblems(() => tokenBucket({ capacity: capacity as number, refillPerMinute: 1 })),
    ).toEqual([
      `tokenBucket.capacity: expected a whole number from 1 to 1000000000, found ${found(capacity)}`,
    ]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 60_000_001])('refuses a refill of %s', (refill) => {
    expect(configurationProblems(() => tokenBucket({ capacity: 1, refillPerMinute: refill }))).toEqual([
      `tokenBucket.refillPerMinute: expected above 0 and at most 60000000, found ${refill}`,
    ]);
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(tokenBucket({ capacity: 1, refillPerMinute: 1 }))).toBe(true);
  });
});

describe('perMinute', () => {
  it('means the bucket and the exact window together', () => {
    expect(perMinute(10)).toEqual([
      tokenBucket({ capacity: 10, refillPerMinute: 10 }),
      slidingWindow({ limit: 10, windowMs: 60_000 }),
    ]);
    expect(Object.isFrozen(perMinute(10))).toBe(true);
  });

  it.each(notACount)('refuses %s, in its own name', (count) => {
    expect(configurationProblems(() => perMinute(count as number))).toEqual([
      `perMinute: expected a whole number from 1 to 1000000000, found ${found(count)}`,
    ]);
  });
});

describe('the default margin', () => {
  it.each([
    ['4 % of the window', [slidingWindow({ limit: 1, windowMs: 1_000 })], 40],
    ['at least a millisecond', [slidingWindow({ limit: 1, windowMs: 1 })], 1],
    ['at most 400 ms', perMinute(10), 400],
    [
      'that of the shortest window',
      [slidingWindow({ limit: 1, windowMs: 3_600_000 }), slidingWindow({ limit: 1, windowMs: 2_000 })],
      80,
    ],
    ['nothing without a window', [tokenBucket({ capacity: 1, refillPerMinute: 1 })], 0],
  ])('is %s', (_, limits, marginMs) => {
    expect(defaultMarginMs(limits)).toBe(marginMs);
  });
});

describe('a constructor', () => {
  it.each([[undefined], [null], ['10'], [{}]])('says what is missing from %j', (options) => {
    expect(configurationProblems(() => slidingWindow(options as never))).toEqual([
      'slidingWindow.limit: expected a whole number from 1 to 1000000000, found undefined',
      'slidingWindow.windowMs: expected a whole number from 1 to 2678400000, found undefined',
    ]);
    expect(configurationProblems(() => tokenBucket(options as never))).toEqual([
      'tokenBucket.capacity: expected a whole number from 1 to 1000000000, found undefined',
      'tokenBucket.refillPerMinute: expected above 0 and at most 60000000, found undefined',
    ]);
  });

  it('knows what is no option', () => {
    const options = { limit: 1, windowMs: 1, exakt: true, exact: 'yes' };
    expect(configurationProblems(() => slidingWindow(options as never))).toEqual([
      'slidingWindow.exact: expected true or false, found a string',
      'slidingWindow.exakt: expected an option that exists, found another option: did you mean exact?',
    ]);
  });
});
