/** The part of a `Random` that jitter needs: a number in [0, 1). */
export interface Chance {
  next(): number;
}

/** The wait after failure number `failures` (from 1), in milliseconds: doubles with each one, up to the longest. */
export function exponentialMs(failures: number, firstMs: number, maxMs: number): number {
  return Math.min(maxMs, firstMs * 2 ** (failures - 1));
}

/** Half of a wait, and up to as much again by chance: what failed together does not come back together. */
export function halfJitterMs(waitMs: number, random: Chance): number {
  return (waitMs * (1 + random.next())) / 2;
}

/**
 * A wait between the least one and three times the one before, up to the longest ("decorrelated jitter",
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param previousMs the wait before; 0 when there was none.
 */
export function decorrelatedMs(
  previousMs: number,
  { leastMs, maxMs }: { readonly leastMs: number; readonly maxMs: number },
  random: Chance,
): number {
  const highestMs = 3 * Math.max(previousMs, leastMs);
  return Math.min(maxMs, leastMs + random.next() * (highestMs - leastMs));
}
