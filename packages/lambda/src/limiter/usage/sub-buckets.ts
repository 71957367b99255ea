import type { Rules } from '../limits/rules.ts';
import type { SubBucket } from './taken.ts';

/** How finely a key's history is kept where deliveries are not known one by one. */
export interface Resolution {
  /** The shortest sub-bucket; 0 where no rule counts by sub-buckets. */
  readonly finestUs: number;
  /** The longest time that any rule looked at. */
  readonly spanUs: number;
}

/** A window of so many sub-buckets takes a delivery for up to 1 % longer than its length, and never for less. */
export const SUB_BUCKETS = 100;

/** Beyond what the rules look at, and for buckets, which only look at the past when they are new. */
export const FEW_SUB_BUCKETS = 8;

/** The sub-buckets that these rules ask for; 0 where every delivery is known by itself. */
export function finestUs({ windows, buckets }: Rules): number {
  const coarse = windows.filter(({ exact }) => !exact).map(({ windowUs }) => windowUs / SUB_BUCKETS);
  if (coarse.length > 0) return powerOfTwoUpTo(Math.min(...coarse));
  if (windows.length > 0) return 0;
  const fill = buckets.map(({ capacity, intervalUs }) => (capacity * intervalUs) / FEW_SUB_BUCKETS);
  return powerOfTwoUpTo(Math.min(...fill));
}

/**
 * The stamp of the sub-bucket that a delivery counts in: its end, the safe side. Sub-buckets grow with their age, and
 * their lengths are powers of two, so that small ones become parts of larger ones.
 */
export function coarseStampUs(
  stampUs: number,
  nowUs: number,
  { finestUs: least, spanUs }: Resolution,
): number {
  const ageUs = Math.max(0, nowUs - stampUs);
  const endOfOne = (parts: number) => {
    const grainUs = Math.max(least, powerOfTwoUpTo(ageUs / parts));
    return Math.ceil(stampUs / grainUs) * grainUs;
  };
  const fewUs = endOfOne(FEW_SUB_BUCKETS);
  // A long sub-bucket that ends within a window would take what the window has let go once more.
  return fewUs <= nowUs - spanUs ? fewUs : endOfOne(SUB_BUCKETS);
}

/** Joins sub-buckets as their age allows, and drops those that are older than `keptUs`. */
export function compacted(
  subBuckets: Iterable<readonly [stampUs: number, count: number]>,
  nowUs: number,
  keptUs: number,
  resolution: Resolution,
): Map<number, number> {
  const joined = new Map<number, number>();
  for (const [stampUs, count] of subBuckets) {
    if (stampUs + keptUs <= nowUs) continue;
    const coarseUs = coarseStampUs(stampUs, nowUs, resolution);
    joined.set(coarseUs, (joined.get(coarseUs) ?? 0) + count);
  }
  return joined;
}

/** Puts sub-buckets into an order. */
export function byAge(subBuckets: ReadonlyMap<number, number>): SubBucket[] {
  return [...subBuckets].toSorted(([a], [b]) => b - a).map(([stampUs, count]) => ({ stampUs, count }));
}

function powerOfTwoUpTo(value: number): number {
  const power = 2 ** Math.max(0, Math.floor(Math.log2(value)));
  return power > value && power > 1 ? power / 2 : power;
}
