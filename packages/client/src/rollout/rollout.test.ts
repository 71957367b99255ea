import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareOf } from './rollout.ts';

const keys = Array.from({ length: 10_000 }, (_, index) => `account-${index}`);
const within = (percent: number) => keys.filter((key) => shareOf(key) < percent);

describe('the share of a key', () => {
  it('is the same in every process and version', () => {
    expect(['account-1', 'account-2', ''].map(shareOf)).toEqual([
      expect.closeTo(3.0908108, 6),
      expect.closeTo(43.82358734, 6),
      expect.closeTo(88.94159948, 6),
    ]);
  });

  it('spreads keys evenly', () => {
    for (const percent of [1, 10, 50, 90])
      expect(Math.abs(within(percent).length / 100 - percent)).toBeLessThan(1);
    expect(within(0)).toEqual([]);
    expect(within(100)).toEqual(keys);
  });

  it('moves no key back when the percentage rises', () => {
    const at10 = within(10);
    const at50 = new Set(within(50));
    expect(at10.filter((key) => !at50.has(key))).toEqual([]);

    fc.assert(
      fc.property(fc.string(), fc.nat(100), fc.nat(100), (key, one, other) => {
        const [lower, higher] = [Math.min(one, other), Math.max(one, other)];
        expect(shareOf(key) < lower && shareOf(key) >= higher).toBe(false);
      }),
    );
  });
});
