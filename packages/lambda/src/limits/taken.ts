/** The places of one window that are taken, each with the stamp from which the window runs. */
export interface Taken {
  /** The stamp of the newest place (0), the one before (1), and so on; undefined beyond the oldest that is known. */
  at(index: number): number | undefined;
  /** How many stamps are later than an instant. */
  after(instantUs: number): number;
}

/** So many places with the same stamp. */
export interface SubBucket {
  readonly stampUs: number;
  readonly count: number;
}

/** Places known one by one, the newest first. */
export function oneByOne(stamps: readonly number[]): Taken {
  return {
    at: (index) => stamps[index],
    after(instantUs) {
      let low = 0;
      let high = stamps.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (stamps[middle]! > instantUs) low = middle + 1;
        else high = middle;
      }
      return low;
    },
  };
}

/** Places known by their number per sub-bucket, the newest first. */
export function bySubBucket(subBuckets: readonly SubBucket[]): Taken {
  return {
    at(index) {
      let newer = 0;
      return subBuckets.find(({ count }) => (newer += count) > index)?.stampUs;
    },
    after: (instantUs) =>
      subBuckets.reduce((sum, { stampUs, count }) => (stampUs > instantUs ? sum + count : sum), 0),
  };
}

/** So many newest places as the first knows, and those of the second. */
export function together(newest: Taken, count: number, rest: Taken): Taken {
  return {
    at: (index) => (index < count ? newest.at(index) : rest.at(index - count)),
    after: (instantUs) => newest.after(instantUs) + rest.after(instantUs),
  };
}

/** The places as they must be assumed when everything before `sinceUs` is unknown: all were taken then. */
export function takenUntil(sinceUs: number, { at, after }: Taken): Taken {
  return {
    at: (index) => Math.max(sinceUs, at(index) ?? 0),
    after: (instantUs) => (instantUs < sinceUs ? Number.POSITIVE_INFINITY : after(instantUs)),
  };
}

/** With so many more that count as taken whenever one looks, and as newest, with an assumed stamp. */
export function underWay(count: number, stampUs: number, { at, after }: Taken): Taken {
  return {
    at: (index) => (index < count ? stampUs : at(index - count)),
    after: (instantUs) => count + after(instantUs),
  };
}
