import { describe, expect, it } from 'vitest';
import { leadMs, MAX_PARK_SECONDS, visibilitySeconds } from './visibility.ts';

describe('visibility without a lead', () => {
  it.each([
    [61_000, 61],
    [61_001, 62],
    [60_999.5, 61],
    [1, 1],
    [0, 1],
    [-5_000, 1],
  ])('wakes a message after %d ms at %i s: never before it is due', (waitMs, seconds) => {
    expect(visibilitySeconds(waitMs, 0)).toBe(seconds);
  });
});

describe('visibility with a lead', () => {
  it.each([
    [61_200, 60],
    [61_199, 59],
    [62_199, 60],
    [3_200, 2],
    [2_000, 1],
    [0, 1],
  ])(
    'wakes a message that is due in %i ms after %i s: within the lead before it is due',
    (waitMs, seconds) => {
      expect(visibilitySeconds(waitMs, 1_200)).toBe(seconds);
    },
  );

  it('is a third of the hold', () => {
    expect([leadMs(3_000), leadMs(0)]).toEqual([1_000, 0]);
  });
});

it.each([12 * 3_600_000, 24 * 3_600_000, Number.MAX_VALUE, Number.POSITIVE_INFINITY])(
  'never asks SQS for more than it gives, for a wait of %d ms',
  (waitMs) => {
    expect(visibilitySeconds(waitMs, 0)).toBe(MAX_PARK_SECONDS);
    expect(visibilitySeconds(waitMs, 1_200)).toBe(MAX_PARK_SECONDS);
    expect(MAX_PARK_SECONDS).toBe(42_300);
  },
);
