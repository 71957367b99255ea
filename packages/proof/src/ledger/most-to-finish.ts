import type { Terms } from './terms.ts';

/** How things stand when what is left is worked off. */
interface Left {
  readonly nowMs: number;
  /** Those of all deployments; the first of them works it off. */
  readonly allTerms: readonly Terms[];
  readonly pending: readonly { readonly dueAtMs: number }[];
  /** When those were due that do not come back. */
  readonly vanished: readonly number[];
}

/** A place that nobody comes for is given up after so long, and a line whose head does not come. */
const GRACE_MS = 60_000;

/** How long the messages that are left may take at most: as long as who sleeps and the rate of the slowest window. */
export function mostToFinishMs({ nowMs, allTerms, pending, vanished }: Left): number {
  const { windows, marginMs } = allTerms[0]!;
  const asleepMs = pending.map(({ dueAtMs }) => (Number.isFinite(dueAtMs) ? dueAtMs - nowMs : 0));
  const leasesMs = allTerms.map(({ leaseMs }) => leaseMs);
  const unmissed = vanished.filter((dueAtMs) => dueAtMs > nowMs - GRACE_MS).length;
  const keptMs = unmissed > 0 ? GRACE_MS : 0;
  const workMs = windows.map(({ limit, windowMs }) => {
    // A round more for what is in the window already.
    const rounds = Math.ceil(pending.length / limit) + 1;
    // Who asks before those are missed is told to come after them, and a place is kept for one that sleeps, each time.
    const behind = Math.ceil(unmissed / limit);
    return rounds * ((1 + behind) * (windowMs + marginMs) + keptMs);
  });
  return Math.max(0, ...asleepMs) + Math.max(...leasesMs) + Math.max(...workMs) + 2 * GRACE_MS;
}
