import { describe, expect, it } from 'vitest';
import { decorrelatedJitter } from './backoff.ts';

/** The waits between attempts when chance always says the same. */
function waits(chance: number, { throttled = false, count = 4 } = {}): number[] {
  const options = { initialDelayMs: 100, maxDelayMs: 5_000, random: { next: () => chance } };
  const context = { attempt: 1, signal: new AbortController().signal, result: { value: throttled } };
  const first = decorrelatedJitter(options, (value) => value === true).next(context);
  const durations = [];
  for (let wait = first; durations.length < count; wait = wait.next(context)) durations.push(wait.duration);
  return durations;
}

describe('decorrelated jitter', () => {
  it('draws each wait between the initial delay and three times the wait before', () => {
    expect(waits(0)).toEqual([100, 100, 100, 100]);
    expect(waits(0.5)).toEqual([200, 350, 575, 912.5]);
    expect(waits(1)).toEqual([300, 900, 2_700, 5_000]);
  });

  it('waits no longer than the longest wait', () => {
    expect(waits(0.999, { count: 8 }).slice(4)).toEqual([5_000, 5_000, 5_000, 5_000]);
  });

  it('starts five times as high after throttling', () => {
    expect(waits(0, { throttled: true })).toEqual([500, 500, 500, 500]);
    expect(waits(0.5, { throttled: true })).toEqual([1_000, 1_750, 2_875, 4_562.5]);
  });
});
