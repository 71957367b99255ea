import type { SeededRandom } from '../engine/random.ts';

/** How the clock of a process moves while code runs, and how its timers err. Milliseconds. */
export interface Clocks {
  /** Every reading takes up to twice this long. */
  readonly readMs: number;
  /** A timer fires up to so much before its time. */
  readonly earlyMs: number;
  /** And up to so much after it. */
  readonly lateMs: number;
}

/** What is unusual about a world, beside its faults: few seeds have each of these. */
export interface Circumstances {
  /** Undefined: no time passes while code runs, and every timer is exact. */
  readonly clocks: Clocks | undefined;
}

/** A world where nothing is unusual. */
export const USUAL: Circumstances = { clocks: undefined };

export function drawCircumstances(random: SeededRandom): Circumstances {
  return { clocks: random.chance(0.2) ? drawClocks(random) : undefined };
}

/** A reading takes a microsecond or so, a busy event loop a millisecond; timers are as far off. */
function drawClocks(random: SeededRandom): Clocks {
  return {
    readMs: 10 ** random.between(-3, -0.3),
    earlyMs: 10 ** random.between(-3, 0),
    lateMs: 10 ** random.between(-2, 1.5),
  };
}
