import type { SeededRandom } from '../engine/random.ts';
import type { Deployment } from './deployments.ts';
import { memoryMs } from './terms.ts';

/** Keys that are used a little, again and again, with a pause in between that is the same each time. Milliseconds. */
export interface Rhythm {
  /** Of each key in turn. */
  readonly pausesMs: readonly number[];
  readonly rounds: number;
  /** How many messages of a key come together. */
  readonly most: number;
}

const HOUR_MS = 3_600_000;
/** Just below or above a memory, and twice as long. */
const SHARES = [0.5, 0.98, 1.02, 1.98, 2.03] as const;

/** Pauses of an hour, of a day, and just below and above the time for which anything is remembered. */
export function drawRhythm(
  random: SeededRandom,
  { limits, leaseMs }: Deployment,
  rememberMs: number,
): Rhythm {
  const memoriesMs = [rememberMs, rememberMs, memoryMs(limits), leaseMs];
  const pause = () => {
    if (random.chance(0.3)) return random.chance(0.5) ? HOUR_MS : 24 * HOUR_MS;
    return Math.round(memoriesMs[random.below(memoriesMs.length)]! * SHARES[random.below(SHARES.length)]!);
  };
  return {
    pausesMs: Array.from({ length: 4 }, pause),
    rounds: 8 + random.below(25),
    most: 1 + random.below(4),
  };
}
