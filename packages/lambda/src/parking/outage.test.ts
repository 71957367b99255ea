import { expect, it } from 'vitest';
import { outageDelayMs } from './outage.ts';

it.each([
  [1, 0, 5_000],
  [2, 0, 10_000],
  [6, 0, 160_000],
  [7, 0, 300_000],
  [1_000, 0, 300_000],
  [100_000, 0, 300_000],
  [1, 0.5, 3_750],
  [7, 0.999_999, 150_001],
  [0, 0, 5_000],
])('after %i receives, with chance at %d, a message stays away for %i ms', (receives, jitter, delayMs) => {
  expect(outageDelayMs(receives, jitter)).toBe(delayMs);
});
