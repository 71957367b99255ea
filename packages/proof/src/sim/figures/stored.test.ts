import { describe, expect, it } from 'vitest';
import { simulate } from '../run/simulate.ts';
import { mixed, tenPerMinute } from './pacing-table.ts';
import { simulatePacing } from './pacing.ts';
import { storedHome } from './stored-home.ts';

/** A state of "10 per minute" is no larger, at any backlog. */
const LARGEST_STATE = 4_096;

describe('a backlog of one key through a limiter in a table, in virtual time', { timeout: 600_000 }, () => {
  it.each([
    { name: 'one priority', mix: undefined, receives: 2.5 },
    { name: 'mixed', mix: mixed, receives: 3.2 },
  ])('waits as it does with the memory limiter: $name', async ({ mix, receives }) => {
    let largest = 0;
    const home = storedHome(1, undefined, (table) => ({
      ...table,
      write(key, change) {
        largest = Math.max(largest, change.state.length);
        return table.write(key, change);
      },
    }));
    const report = await simulatePacing({
      seed: 1,
      messages: 1_000,
      ...tenPerMinute,
      ...(mix && { mix }),
      home,
    });
    expect(report).toMatchObject({ delivered: 1_000, deadLetters: 0, mostInWindow: 10 });
    expect(report.receivesPerMessage).toBeLessThanOrEqual(receives);
    expect(report.lastOverIdeal).toBeLessThanOrEqual(1.02);
    expect(largest).toBeLessThanOrEqual(LARGEST_STATE);
  });
});

it.each([1, 2, 3, 4, 5, 6])(
  'a limiter in a table that loses races and replies keeps all promises of seed %i',
  { timeout: 600_000 },
  async (seed) => {
    const safeguards = storedHome(seed, { races: 0.05, replies: 0.02 });
    const { violation } = await simulate(seed, { safeguards });
    expect(violation).toBeUndefined();
  },
);
