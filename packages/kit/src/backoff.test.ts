import { describe, expect, it } from 'vitest';
import { decorrelatedMs, exponentialMs, halfJitterMs } from './backoff.ts';

const always = (chance: number) => ({ next: () => chance });

describe('exponential backoff', () => {
  it('doubles with each failure, up to the longest wait', () => {
    expect([1, 2, 3, 4, 5, 2_000].map((failures) => exponentialMs(failures, 25, 100))).toEqual([
      25, 50, 100, 100, 100, 100,
    ]);
  });
});

describe('half jitter', () => {
  it('leaves between half of a wait and all of it', () => {
    expect([0, 0.5, 1].map((chance) => halfJitterMs(1_000, always(chance)))).toEqual([500, 750, 1_000]);
  });
});

describe('decorrelated jitter', () => {
  /** The waits one after the other when chance always says the same. */
  const waits = (chance: number, count = 4) => {
    const all: number[] = [];
    const limits = { leastMs: 100, maxMs: 5_000 };
    while (all.length < count) all.push(decorrelatedMs(all.at(-1) ?? 0, limits, always(chance)));
    return all;
  };

  it('draws each wait between the least one and three times the wait before', () => {
    expect(waits(0)).toEqual([100, 100, 100, 100]);
    expect(waits(0.5)).toEqual([200, 350, 575, 912.5]);
    expect(waits(1)).toEqual([300, 900, 2_700, 5_000]);
  });

  it('waits no longer than the longest wait', () => {
    expect(waits(0.999, 8).slice(4)).toEqual([5_000, 5_000, 5_000, 5_000]);
  });
});
