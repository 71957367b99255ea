import { firstIndex } from '@huntaze/kit';
/** The slots of one window that are taken, each with the stamp from which the window runs. */
export interface Taken {
  /** The stamp of the newest slot (0), the one before (1), and so on; undefined beyond the oldest that is known. */
  at(index: number): number | undefined;
  /** How many stamps are later than an instant. */
  after(instantUs: number): number;
}

/** So many slots with the same stamp. */
export interface SubBucket {
  readonly stampUs: number;
  readonly count: number;
}

/** Slots known one by one, the newest first. */
export function oneByOne(stamps: readonly number[]): Taken {
  return {
    at: (index) => stamps[index],
    after: (instantUs) => firstIndex(stamps, (stampUs) => stampUs <= instantUs),
  };
}

/** Slots known by their number per sub-bucket, the newest first. */
export function bySubBucket(subBuckets: readonly SubBucket[]): Taken {
  let sum = 0;
  const sums = subBuckets.map(({ count }) => (sum += count));
  return {
    at: (index) => subBuckets[firstIndex(sums, (upTo) => upTo > index)]?.stampUs,
    after: (instantUs) => sums[firstIndex(subBuckets, ({ stampUs }) => stampUs <= instantUs) - 1] ?? 0,
  };
}

/** The slots as they must be assumed when everything before `sinceUs` is unknown: all were taken then. */
export function takenUntil(sinceUs: number, { at, after }: Taken): Taken {
  return {
    at: (index) => Math.max(sinceUs, at(index) ?? 0),
    after: (instantUs) => (instantUs < sinceUs ? Number.POSITIVE_INFINITY : after(instantUs)),
  };
}

/** Puts `count` slots in flight first: taken at every instant, as the newest, with an assumed stamp. */
export function inFlight(count: number, stampUs: number, { at, after }: Taken): Taken {
  return {
    at: (index) => (index < count ? stampUs : at(index - count)),
    after: (instantUs) => count + after(instantUs),
  };
}
