import type { MemoryLimiterOptions } from '@huntaze/rate-limiter-lambda';
import { storedLimiter, type KeyStateStore } from '@huntaze/rate-limiter-lambda/stored';
import { seededRandom } from '../engine/random.ts';
import { openTable, type TableFaults } from '../parts/table.ts';
import { allSafeguards, type Safeguards } from '../parts/safeguards.ts';

/** How often a table does something else than what it was asked to. */
export interface StoredChances {
  readonly races: number;
  readonly replies: number;
}

/**
 * A world whose limiter keeps its state in a table. Positions in a long queue are about right there, so that the judge
 * of the order is not asked.
 * @param watch sees the table of each limiter.
 */
export function storedHome(
  seed: number,
  { races, replies }: StoredChances = { races: 0, replies: 0 },
  watch = (table: KeyStateStore): KeyStateStore => table,
): Safeguards {
  const random = seededRandom(seed);
  const faults: TableFaults = {
    losesRace: () => random.chance(races),
    losesReply: () => random.chance(replies),
  };
  return {
    ...allSafeguards,
    order: 'about',
    // A world has one clock: its limiter's.
    open: (options: MemoryLimiterOptions) =>
      storedLimiter({
        coldStart: 'full',
        ...options,
        store: watch(openTable(faults)),
        clockSkewMs: 0,
        random,
      }),
  };
}
