import type { Random } from '@huntaze/rate-limiter-client/contract';

/** A generator whose whole sequence follows from its seed (mulberry32). */
export interface SeededRandom extends Random {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** A number in [from, to). */
  between(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A generator of its own, so that drawing from one does not shift the other. */
  fork(): SeededRandom;
}

export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    below: (below) => Math.floor(next() * below),
    between: (from, to) => from + next() * (to - from),
    chance: (probability) => next() < probability,
    fork: () => seededRandom(Math.floor(next() * 2 ** 32)),
  };
}
