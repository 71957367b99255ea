import type { Priority } from '@huntaze/rate-limiter-client/contract';
import { describe, expect, it } from 'vitest';
import { clairvoyantMedianMs, highMedian, idealLastMs, idealMedianMs } from './ideal.ts';

const twoPerSecond = { limit: 2, windowMs: 1_000 };

/** `h` and `l` in the order in which they were handed over. */
const backlog = (letters: string) =>
  letters.split('').map((letter, index) => {
    const priority: Priority = letter === 'h' ? 'high' : 'low';
    return { id: `m-${index}`, priority };
  });

describe('the ideal order', () => {
  it('sends whole bursts, one window apart', () => {
    expect([1, 2, 3, 5].map((messages) => idealLastMs(messages, twoPerSecond))).toEqual([0, 0, 1_000, 2_000]);
  });

  it('gives the first burst to whoever is handed over first, and then lets the urgent ones go', () => {
    // The third of four is the one in the middle: l l | h h | h h.
    expect(idealMedianMs(backlog('llhhhh'), twoPerSecond)).toBe(2_000);
    expect(idealMedianMs(backlog('lhhhh'), twoPerSecond)).toBe(1_000);
    expect(idealMedianMs(backlog('hlhhl'), twoPerSecond)).toBe(1_000);
    expect(idealMedianMs(backlog('hhl'), twoPerSecond)).toBe(0);
  });

  it('of who knows all has the urgent ones in the first burst, too', () => {
    expect(clairvoyantMedianMs(backlog('llhhhh'), twoPerSecond)).toBe(1_000);
  });

  it('is what the waits of the urgent ones are measured by', () => {
    const handed = backlog('llhhhh');
    const arrivals = handed.map((one, index) => ({ ...one, atMs: index * 500 }));
    expect(highMedian(handed, arrivals, twoPerSecond)).toEqual({ overClairvoyant: 2, overIdeal: 1 });
    expect(highMedian(handed, arrivals.slice(0, 4), twoPerSecond)?.overIdeal).toBe(Number.POSITIVE_INFINITY);
    expect(highMedian(backlog('ll'), [], twoPerSecond)).toBeUndefined();
  });
});
