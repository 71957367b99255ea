import { expect, it } from 'vitest';
import { outageDelayMs } from './outage-delay.ts';

it.each([
  [0, 0, 5_000],
  [4_999, 0, 5_000],
  [10_000, 0, 10_000],
  [160_000, 0, 160_000],
  [300_000, 0, 300_000],
  [1e9, 0, 300_000],
  [0, 0.5, 3_750],
  [1e9, 0.999_999, 150_001],
])('%i ms into an outage, with chance at %d, a message stays away for %i ms', (knownMs, jitter, delayMs) => {
  expect(outageDelayMs(knownMs, jitter)).toBe(delayMs);
});
