import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  drawTokens,
  fullAfter,
  freeSlots,
  logLength,
  memoryUs,
  slotDueUs,
  stampUs,
  type Usage,
} from './usage.ts';
import { slidingWindow, tokenBucket, type Limit } from '../limits/limit.ts';
import { toRules } from '../limits/rules.ts';
import { bySubBucket, oneByOne } from './taken.ts';

const NOW_US = 1_000_000_000;
const window = toRules([slidingWindow({ limit: 3, windowMs: 1_000 })], 0);
const bucket = toRules([tokenBucket({ capacity: 3, refillPerMinute: 60 })], 0);
const both = toRules(
  [slidingWindow({ limit: 4, windowMs: 10_000 }), tokenBucket({ capacity: 2, refillPerMinute: 60 })],
  0,
);
const stamped = (stamps: readonly number[], fullAtUs: readonly number[] = []): Usage => ({
  windows: Array.from({ length: 4 }, () => oneByOne(stamps)),
  fullAtUs,
});
const oneBucket = bucket.buckets[0]!;
const unused = stamped([]);
const ago = (...ms: readonly number[]) => stamped(ms.map((one) => NOW_US - one * 1_000));
const fullIn = (us: number) => stamped([], [NOW_US + us]);

describe('free places', () => {
  it.each([
    ['a key never seen has them all', unused, 3],
    ['each admission within the window takes one', ago(0, 999), 1],
    ['a window is half-open: one window later the place is free', ago(0, 999, 1_000), 1],
    ['none is left when the window is full', ago(0, 1, 2), 0],
    ['all come back when everything is old', ago(1_000, 1_000, 5_000), 3],
  ])('of a window: %s', (_, usage, free) => {
    expect(freeSlots(window, usage, NOW_US)).toBe(free);
  });

  it.each([
    ['a key never seen has a full bucket', unused, 3],
    ['a bucket is not fuller for being idle', fullIn(-5_000_000), 3],
    ['a token is missing until the instant it is there', fullIn(1), 2],
    ['and is there then', fullIn(0), 3],
    ['an empty bucket has nothing', fullIn(3_000_000), 0],
    ['an overdrawn bucket has nothing either', fullIn(9_000_000), 0],
  ])('of a bucket: %s', (_, usage, free) => {
    expect(freeSlots(bucket, usage, NOW_US)).toBe(free);
  });

  it('are the fewest of any rule', () => {
    expect(freeSlots(both, unused, NOW_US)).toBe(2);
    expect(freeSlots(both, stamped(Array<number>(3).fill(NOW_US)), NOW_US)).toBe(1);
  });

  it('of a window of sub-buckets are those that no sub-bucket takes any more', () => {
    const coarse = toRules([slidingWindow({ limit: 10, windowMs: 1_000, exact: false })], 0);
    const usage = {
      windows: [
        bySubBucket([
          { stampUs: NOW_US - 10_000, count: 4 },
          { stampUs: NOW_US - 1_000_000, count: 3 },
        ]),
      ],
      fullAtUs: [],
    };
    expect([-1, 0].map((us) => freeSlots(coarse, usage, NOW_US + us))).toEqual([3, 6]);
    expect([5, 6, 9, 10].map((place) => slotDueUs(coarse, usage, NOW_US, place) - NOW_US)).toEqual([
      0, 990_000, 990_000, 1_000_000,
    ]);
  });
});

describe('tokens', () => {
  it('are drawn from a full bucket now, from a used one on top', () => {
    expect(drawTokens(oneBucket, 0, NOW_US, 2)).toBe(NOW_US + 2_000_000);
    expect(drawTokens(oneBucket, NOW_US - 7, NOW_US, 1)).toBe(NOW_US + 1_000_000);
    expect(drawTokens(oneBucket, NOW_US + 500_000, NOW_US, 1)).toBe(NOW_US + 1_500_000);
  });

  it('leave a bucket empty at most, unless it was emptier', () => {
    expect(drawTokens(oneBucket, NOW_US, NOW_US, 99)).toBe(NOW_US + 3_000_000);
    expect(drawTokens(oneBucket, NOW_US + 9_000_000, NOW_US, 1)).toBe(NOW_US + 9_000_000);
  });

  it('of a bucket that is new are those that it would have if it had been there', () => {
    const ended = [
      { stampUs: NOW_US - 60_000_000, count: 50 },
      { stampUs: NOW_US - 1_500_000, count: 2 },
      { stampUs: NOW_US - 1_000_000, count: 1 },
    ];
    expect(fullAfter(oneBucket, 0, ended)).toBe(NOW_US + 1_500_000);
    expect(fullAfter(oneBucket, 0, [])).toBe(0);
    expect(fullAfter(oneBucket, NOW_US - 500_000, ended.slice(2))).toBe(NOW_US + 500_000);
  });
});

describe('the stamp of an admission', () => {
  const withMargin = toRules([slidingWindow({ limit: 2, windowMs: 1_000 })], 100);

  it.each([
    ['is now for a key never seen', unused, 0, 0],
    ['is when its place became free', ago(0, 1_060), 0, -60],
    ['is that at most one margin ago', ago(0, 1_100), 0, -100],
    ['is now when the place was free for longer', ago(0, 1_101), 0, 0],
    ['is its own for each place', ago(1_010, 1_060), 1, -10],
    ['is now for a place that was always free', ago(1_060), 1, -60],
  ])('%s', (_, usage, place, ms) => {
    expect(stampUs(withMargin, usage, NOW_US, place) - NOW_US).toBe(ms * 1_000);
  });

  it('is now without a window', () => {
    expect(stampUs(bucket, unused, NOW_US, 0)).toBe(NOW_US);
  });
});

describe('due times', () => {
  it.each([
    ['a free place is due now', ago(500), 0, 0],
    ['so are all that are free', ago(500), 1, 0],
    ['the next when the oldest stamp leaves the window', ago(500), 2, 500],
    ['a whole window ahead the line is repeated', ago(500), 5, 1_500],
    ['unevenly, as it was', ago(100, 500, 900), 4, 1_500],
  ])('of a window: %s', (_, usage, place, inMs) => {
    expect(slotDueUs(window, usage, NOW_US, place) - NOW_US).toBe(inMs * 1_000);
  });

  it.each([
    [0, 0],
    [2, 0],
    [3, 1_000_000],
    [7, 5_000_000],
  ])('of a full bucket: place %i in %i µs', (place, inUs) => {
    expect(slotDueUs(bucket, unused, NOW_US, place) - NOW_US).toBe(inUs);
  });

  it('are never before a hold ends', () => {
    expect(slotDueUs(window, unused, NOW_US + 90_000_000, 2)).toBe(NOW_US + 90_000_000);
    expect(slotDueUs(window, unused, NOW_US + 90_000_000, 3)).toBe(NOW_US + 91_000_000);
  });

  it('are the latest of any rule', () => {
    expect(slotDueUs(both, unused, NOW_US, 3) - NOW_US).toBe(2_000_000);
    expect(slotDueUs(both, unused, NOW_US, 4) - NOW_US).toBe(10_000_000);
  });
});

describe('memory', () => {
  it('holds as many stamps as the largest window looks at, and none for buckets', () => {
    expect([logLength(window), logLength(both), logLength(bucket)]).toEqual([3, 4, 0]);
  });

  it('lasts as long as the longest rule looks back', () => {
    expect([memoryUs(window), memoryUs(bucket), memoryUs(both)]).toEqual([1_000_000, 3_000_000, 10_000_000]);
  });
});

const limit: fc.Arbitrary<Limit> = fc.oneof(
  fc
    .record({ limit: fc.integer({ min: 1, max: 5 }), windowMs: fc.integer({ min: 1, max: 30 }) })
    .map(slidingWindow),
  fc
    .record({
      capacity: fc.integer({ min: 1, max: 5 }),
      refillPerMinute: fc.integer({ min: 2_000, max: 60_000 }),
    })
    .map(tokenBucket),
);
const gaps = fc.array(fc.oneof(fc.constant(0), fc.nat(3_000), fc.nat(40_000)), { maxLength: 30 });
const numRuns = process.env['DEEP'] ? 50_000 : 1_000;

/** Admits at the first instant at which a place is free. */
function admitNext(limits: readonly Limit[], past: Past, fromUs: number): Past & { readonly atUs: number } {
  const rules = toRules(limits, 0);
  let atUs = fromUs;
  while (freeSlots(rules, usageOf(past), atUs) === 0) atUs = nextChangeUs(limits, past, atUs);
  const stamps = [atUs, ...past.stamps].slice(0, logLength(rules));
  const fullAtUs = rules.buckets.map((one, index) => drawTokens(one, past.fullAtUs[index] ?? 0, atUs, 1));
  return { atUs, stamps, fullAtUs };
}

/** What was admitted: the stamps, newest first, and the buckets. */
interface Past {
  readonly stamps: readonly number[];
  readonly fullAtUs: readonly number[];
}

const usageOf = ({ stamps, fullAtUs }: Past) => stamped(stamps, fullAtUs);

/** The next instant at which something may become free: a stamp leaves its window, a token arrives. */
function nextChangeUs(limits: readonly Limit[], { stamps, fullAtUs }: Past, nowUs: number): number {
  const { windows, buckets } = toRules(limits, 0);
  const leaving = windows.flatMap(({ windowUs }) => stamps.map((stamp) => stamp + windowUs));
  const arriving = buckets.flatMap(({ capacity, intervalUs }, index) =>
    Array.from({ length: capacity }, (_, token) => (fullAtUs[index] ?? 0) - token * intervalUs),
  );
  return Math.min(...[...leaving, ...arriving].filter((atUs) => atUs > nowUs));
}

function afterAdmissions(limits: readonly Limit[], gapsUs: readonly number[]) {
  return gapsUs.reduce((past, gapUs) => admitNext(limits, past, past.atUs + gapUs), {
    atUs: NOW_US,
    stamps: [] as readonly number[],
    fullAtUs: [] as readonly number[],
  });
}

it('one rule alone announces exactly when each place comes up', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(limit, gaps, fc.nat(20_000), (one, gapsUs, laterUs) => {
      const past = afterAdmissions([one], gapsUs);
      const nowUs = past.atUs + laterUs;
      let next = { ...past, atUs: nowUs };
      for (let place = 0; place < 12; place++) {
        const announcedUs = slotDueUs(toRules([one], 0), usageOf(past), nowUs, place);
        next = admitNext([one], next, next.atUs);
        expect(announcedUs).toBe(next.atUs);
      }
    }),
    { numRuns },
  );
});

it('several rules together never announce a place too late', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(fc.array(limit, { minLength: 2, maxLength: 4 }), gaps, (limits, gapsUs) => {
      const past = afterAdmissions(limits, gapsUs);
      let next = past;
      for (let place = 0; place < 12; place++) {
        const announcedUs = slotDueUs(toRules(limits, 0), usageOf(past), past.atUs, place);
        next = admitNext(limits, next, next.atUs);
        expect(announcedUs).toBeLessThanOrEqual(next.atUs);
      }
    }),
    { numRuns },
  );
});

it('as many places are free as are due', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(
      fc.array(limit, { minLength: 1, maxLength: 4 }),
      gaps,
      fc.nat(20_000),
      (limits, gapsUs, laterUs) => {
        const past = afterAdmissions(limits, gapsUs);
        const rules = toRules(limits, 0);
        const nowUs = past.atUs + laterUs;
        const isDue = (_: unknown, place: number) => slotDueUs(rules, usageOf(past), nowUs, place) <= nowUs;
        expect(freeSlots(rules, usageOf(past), nowUs)).toBe(
          Array.from({ length: 10 }, isDue).filter(Boolean).length,
        );
      },
    ),
    { numRuns },
  );
});
