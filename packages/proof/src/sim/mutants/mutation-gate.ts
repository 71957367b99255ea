import type { Mutant } from './mutant.ts';
import { simulate, type Report } from '../run/simulate.ts';

/** A missing safeguard must be noticed by one of the seeds 1 to this: those that `pnpm sim` plays. */
const LAST_SEED = 200;

/**
 * Plays each of the seeds once, from the one on that is known to show it, until the missing safeguard is noticed.
 * @returns the first report that shows it, if one does.
 */
export async function catchMutant({ safeguards, caughtBy, firstSeed }: Mutant): Promise<Report | undefined> {
  for (let played = 0; played < LAST_SEED; played++) {
    const seed = 1 + ((firstSeed - 1 + played) % LAST_SEED);
    const report = await simulate(seed, { safeguards });
    if (report.violation && caughtBy.includes(report.violation.invariant)) return report;
  }
  return undefined;
}
