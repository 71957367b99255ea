import type { Mutant } from './mutants.ts';
import { simulate, type Report } from './simulate.ts';

/** Plays seeds until the missing safeguard is noticed. @returns the first report that shows it, if one does. */
export async function catchMutant(
  { safeguards, caughtBy }: Mutant,
  { from, seeds }: { from: number; seeds: number },
): Promise<Report | undefined> {
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await simulate(seed, { safeguards });
    if (report.violation && caughtBy.includes(report.violation.invariant)) return report;
  }
  return undefined;
}
