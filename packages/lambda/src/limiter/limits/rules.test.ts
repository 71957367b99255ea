import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawTokens, freeSlots, logLength, slotDueUs, stampUs, type Usage } from '../usage/usage.ts';
import { perMinute, slidingWindow, tokenBucket, type Limit } from './limit.ts';
import { toRules, type Rules } from './rules.ts';
import { oneByOne } from '../usage/taken.ts';

const window = (limit: number, windowMs: number) => slidingWindow({ limit, windowMs });
const bucket = (capacity: number, refillPerMinute: number) => tokenBucket({ capacity, refillPerMinute });

describe('rules', () => {
  it('are in whole microseconds', () => {
    expect(toRules([window(3, 1_500), bucket(7, 40)], 60)).toEqual({
      windows: [{ limit: 3, windowUs: 1_500_000, exact: true }],
      buckets: [{ capacity: 7, intervalUs: 1_500_000 }],
      marginUs: 60_000,
    });
  });

  it('round the refill to the slow side', () => {
    expect(toRules([bucket(1, 7)], 0).buckets).toEqual([{ capacity: 1, intervalUs: 8_571_429 }]);
  });

  it('of perMinute are the window alone: the bucket never decides', () => {
    expect(toRules(perMinute(10), 400)).toMatchObject({
      windows: [{ limit: 10, windowUs: 60_000_000 }],
      buckets: [],
    });
  });

  it.each<[string, readonly Limit[], number, number]>([
    ['a bucket smaller than the window', [bucket(9, 10), window(10, 60_000)], 1, 1],
    ['a bucket slower than the window', [bucket(10, 9), window(10, 60_000)], 1, 1],
    ['a bucket larger and faster than the window', [bucket(11, 11), window(10, 60_000)], 1, 0],
    ['a long window above a short one', [window(10, 1_000), window(100, 60_000)], 2, 0],
    ['a longer window of no more messages', [window(10, 1_000), window(10, 1_001)], 1, 0],
    ['a window of fewer messages', [window(10, 1_000), window(9, 1_000)], 1, 0],
    ['the same window thrice', [window(10, 1_000), window(10, 1_000), window(10, 1_000)], 1, 0],
    ['two buckets', [bucket(10, 10), bucket(10, 10)], 0, 2],
  ])('keep what can decide: %s', (_, limits, windows, buckets) => {
    const rules = toRules(limits, 0);
    expect([rules.windows.length, rules.buckets.length]).toEqual([windows, buckets]);
  });

  it('keep the stricter of two windows, wherever it stands', () => {
    const [strict, loose] = [window(9, 1_001), window(10, 1_000)];
    expect(toRules([strict, loose], 0).windows).toEqual([{ limit: 9, windowUs: 1_001_000, exact: true }]);
    expect(toRules([loose, strict], 0).windows).toEqual([{ limit: 9, windowUs: 1_001_000, exact: true }]);
  });
});

/** All limits as rules, none left out. */
function allRules(limits: readonly Limit[], marginMs: number): Rules {
  const each = limits.map((limit) => toRules([limit], marginMs));
  return {
    windows: each.flatMap(({ windows }) => windows),
    buckets: each.flatMap(({ buckets }) => buckets),
    marginUs: marginMs * 1_000,
  };
}

/** A history of admissions under rules, with all that a question can be answered from. */
function history(rules: Rules) {
  let stamps: readonly number[] = [];
  let fullAtUs: readonly number[] = [];
  const usage = (): Usage => ({ windows: rules.windows.map(() => oneByOne(stamps)), fullAtUs });
  return {
    free: (nowUs: number, most: number) => Math.min(most, freeSlots(rules, usage(), nowUs)),
    due: (nowUs: number, place: number) => slotDueUs(rules, usage(), nowUs, place),
    admit(nowUs: number, places: number) {
      const before = usage();
      const added = Array.from(
        { length: places },
        (_, place) => stampUs(rules, before, nowUs, place) + rules.marginUs,
      );
      stamps = [...added, ...stamps].toSorted((a, b) => b - a).slice(0, logLength(rules));
      fullAtUs = rules.buckets.map((one, index) => drawTokens(one, fullAtUs[index] ?? 0, nowUs, places));
    },
    /** The delivery of the newest admission ends after the margin: its place is kept longer. */
    prolong(nowUs: number) {
      const [newest, ...older] = stamps;
      if (newest !== undefined) stamps = [Math.max(newest, nowUs), ...older];
    },
  };
}

const limit: fc.Arbitrary<Limit> = fc.oneof(
  fc
    .record({ limit: fc.integer({ min: 1, max: 6 }), windowMs: fc.integer({ min: 1, max: 40 }) })
    .map(slidingWindow),
  fc
    .record({
      capacity: fc.integer({ min: 1, max: 6 }),
      refillPerMinute: fc.integer({ min: 1_000, max: 60_000 }),
    })
    .map(tokenBucket),
  fc.integer({ min: 1, max: 6 }).map((count) => slidingWindow({ limit: count, windowMs: 10 })),
);
const step = fc.record({
  waitUs: fc.oneof(fc.constant(0), fc.nat(500), fc.nat(30_000)),
  wanted: fc.integer({ min: 0, max: 8 }),
  late: fc.boolean(),
});
const drawn = fc.record({
  limits: fc.array(limit, { minLength: 1, maxLength: 4 }),
  marginMs: fc.nat(5),
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
});
const numRuns = process.env['DEEP'] ? 50_000 : 1_000;

it(
  'leaving out what is implied never changes an answer: how much is free, when a place is due',
  { timeout: 600_000 },
  () => {
    let leftOut = 0;
    fc.assert(
      fc.property(drawn, ({ limits, marginMs, steps }) => {
        const [rules, all] = [toRules(limits, marginMs), allRules(limits, marginMs)];
        leftOut += limits.length - rules.windows.length - rules.buckets.length;
        const [short, full] = [history(rules), history(all)];
        let nowUs = 1_000_000;
        for (const { waitUs, wanted, late } of steps) {
          nowUs += waitUs;
          if (late) for (const one of [short, full]) one.prolong(nowUs);
          const free = full.free(nowUs, wanted);
          expect(short.free(nowUs, wanted)).toBe(free);
          full.admit(nowUs, free);
          short.admit(nowUs, free);
          for (let place = 0; place < 8; place++)
            expect(short.due(nowUs, place)).toBe(full.due(nowUs, place));
        }
      }),
      { numRuns },
    );
    expect(leftOut).toBeGreaterThan(numRuns / 4);
  },
);
