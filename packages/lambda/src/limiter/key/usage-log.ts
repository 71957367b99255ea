import { logLength, memoryUs } from '../usage/usage.ts';
import { byAge, coarseStampUs, compacted, finestUs, type Resolution } from '../usage/sub-buckets.ts';
import type { Rules } from '../limits/rules.ts';
import { bySubBucket, oneByOne, type SubBucket, type Taken } from '../usage/taken.ts';
import { FIRST_COMPACTION, HISTORY_MS, LOG_SLACK } from '../limiter.ts';

/** What a {@link UsageLog} is made from again. */
export interface UsageLogForm {
  readonly stamps: readonly (readonly [token: number, stampUs: number])[];
  readonly counts: readonly (readonly [stampUs: number, count: number])[];
  readonly newestCountedUs: number;
  readonly longest: number;
  readonly resolution: Resolution;
  readonly compactAbove: number;
}

export const NOTHING_USED: UsageLogForm = {
  stamps: [],
  counts: [],
  newestCountedUs: 0,
  longest: 0,
  resolution: { finestUs: 0, spanUs: 0 },
  compactAbove: FIRST_COMPACTION,
};

/**
 * The deliveries of one key that have ended, each with the stamp that windows run from: a form that does not depend on
 * who asked, so that any rules can be checked against it. The newest are known one by one, by token (a message that
 * costs several has as many in a row), as many as the largest exact window needs; older ones by their number per
 * sub-bucket.
 */
export class UsageLog {
  readonly #stamps: Map<number, number>;
  #counts: Map<number, number>;
  /** The newest delivery that is counted by sub-buckets. */
  #newestCountedUs: number;
  #longest: number;
  #resolution: Resolution;
  #compactAbove: number;

  constructor(form: UsageLogForm) {
    this.#stamps = new Map(form.stamps);
    this.#counts = new Map(form.counts);
    this.#newestCountedUs = form.newestCountedUs;
    this.#longest = form.longest;
    this.#resolution = form.resolution;
    this.#compactAbove = form.compactAbove;
  }

  get form(): UsageLogForm {
    return {
      stamps: [...this.#stamps],
      counts: [...this.#counts],
      newestCountedUs: this.#newestCountedUs,
      longest: this.#longest,
      resolution: this.#resolution,
      compactAbove: this.#compactAbove,
    };
  }

  /** From now on nothing is forgotten that these rules look at. */
  lookAt(rules: Rules): void {
    const { finestUs: least, spanUs } = this.#resolution;
    const wantedUs = finestUs(rules);
    this.#longest = Math.max(this.#longest, logLength(rules));
    this.#resolution = {
      finestUs: least === 0 || wantedUs === 0 ? least + wantedUs : Math.min(least, wantedUs),
      spanUs: Math.max(spanUs, memoryUs(rules)),
    };
  }

  /** How long deliveries are remembered at least. */
  get keptUs(): number {
    return Math.max(HISTORY_MS * 1_000, this.#resolution.spanUs);
  }

  /** The slots taken, window by window. */
  taken({ windows }: Rules): readonly Taken[] {
    const stamps = [...this.#stamps.values()].toSorted((a, b) => b - a);
    const exact = oneByOne(stamps);
    const all = this.#counts.size === 0 ? exact : bySubBucket(this.#newestFirst(stamps));
    // What is counted by sub-buckets is older than all that an exact window looks at, as soon as it knows enough.
    return windows.map((window) =>
      window.exact && this.#newestCountedUs <= (stamps[window.limit - 1] ?? -1) ? exact : all,
    );
  }

  /** A sub-bucket ends later than what it counts, and so perhaps than what is known one by one. */
  #newestFirst(stamps: readonly number[]): readonly SubBucket[] {
    const each = stamps.map((stampUs) => ({ stampUs, count: 1 }));
    return [...this.#subBuckets(), ...each].toSorted((a, b) => b.stampUs - a.stampUs);
  }

  /** The newest first. None counts anything newer than the newest that was counted so. */
  #subBuckets(): readonly SubBucket[] {
    const newestUs = this.#newestCountedUs;
    return byAge(this.#counts).map(({ stampUs, count }) => ({ stampUs: Math.min(stampUs, newestUs), count }));
  }

  /** Everything that is known, the oldest first; what counts from later on has happened by now. */
  deliveries(nowUs: number): readonly SubBucket[] {
    const stamps = [...this.#stamps.values()].map((stampUs) => ({ stampUs, count: 1 }));
    return [...this.#subBuckets(), ...stamps]
      .map(({ stampUs, count }) => ({ stampUs: Math.min(stampUs, nowUs), count }))
      .toSorted((a, b) => a.stampUs - b.stampUs);
  }

  /** A stamp only moves forward. */
  add(token: number, cost: number, stampUs: number, nowUs: number): void {
    if (this.#longest === 0) this.#count(stampUs, cost, nowUs);
    else {
      for (let slot = token; slot < token + cost; slot++) {
        this.#stamps.set(slot, Math.max(stampUs, this.#stamps.get(slot) ?? 0));
      }
    }
  }

  /** Counts the oldest by sub-buckets when more are known than any window needs. */
  tidy(nowUs: number): void {
    const superfluous = this.#stamps.size - this.#longest;
    if (superfluous > LOG_SLACK) {
      const oldestFirst = [...this.#stamps].toSorted(([a, aUs], [b, bUs]) => aUs - bUs || a - b);
      for (const [token, stampUs] of oldestFirst.slice(0, superfluous)) {
        this.#stamps.delete(token);
        this.#count(stampUs, 1, nowUs);
      }
    }
    if (this.#counts.size <= this.#compactAbove) return;
    this.#counts = compacted(this.#counts, nowUs, this.keptUs, this.#resolution);
    this.#compactAbove = FIRST_COMPACTION + 2 * this.#counts.size;
  }

  #count(stampUs: number, by: number, nowUs: number): void {
    const coarseUs = coarseStampUs(stampUs, nowUs, this.#resolution);
    this.#newestCountedUs = Math.max(this.#newestCountedUs, stampUs);
    this.#counts.set(coarseUs, (this.#counts.get(coarseUs) ?? 0) + by);
  }
}
