import { coarseStampUs, logLength } from '../../limits/arithmetic.ts';
import type { Rules, WindowRule } from '../../limits/rules.ts';
import { bySubBucket, oneByOne, type Taken } from '../../limits/taken.ts';

/**
 * The newest deliveries of one key that have ended, each with the stamp that its windows run from. Exact windows
 * know the stamp of every place, by token; a message that costs several has as many tokens in a row. The others
 * know how many stamps lie in each sub-bucket.
 */
export class DeliveryLog {
  readonly #stamps = new Map<number, number>();
  readonly #counts = new Map<number, Map<number, number>>();
  #longest = 0;

  /** The places taken by what has ended, window by window. */
  taken({ windows }: Rules): readonly Taken[] {
    const exact = oneByOne([...this.#stamps.values()].toSorted((a, b) => b - a));
    return windows.map(({ grainUs }) => (grainUs === 0 ? exact : bySubBucket(this.#subBuckets(grainUs))));
  }

  add(rules: Rules, token: number, cost: number, stampUs: number): void {
    const length = Math.max(this.#longest, logLength(rules));
    if (length > 0) this.#put(token, cost, stampUs, length);
    for (const { grainUs } of coarse(rules)) this.#count(grainUs, stampUs, cost);
  }

  /** From now on nothing is forgotten that these rules look at, and what they do not look at any more is. */
  lookAt(rules: Rules, nowUs: number): void {
    this.#longest = Math.max(this.#longest, logLength(rules));
    for (const { grainUs, windowUs } of coarse(rules)) {
      const counts = this.#counts.get(grainUs);
      for (const stampUs of counts?.keys() ?? []) if (stampUs + windowUs <= nowUs) counts?.delete(stampUs);
    }
  }

  /** A stamp only moves forward. */
  #put(token: number, cost: number, stampUs: number, length: number): void {
    for (let place = token; place < token + cost; place++) {
      this.#stamps.set(place, Math.max(stampUs, this.#stamps.get(place) ?? 0));
    }
    const superfluous = this.#stamps.size - length;
    if (superfluous <= 0) return;
    const oldestFirst = [...this.#stamps].toSorted(([a, aUs], [b, bUs]) => aUs - bUs || a - b);
    for (const [oldest] of oldestFirst.slice(0, superfluous)) this.#stamps.delete(oldest);
  }

  #count(grainUs: number, atUs: number, by: number): void {
    const counts = this.#counts.get(grainUs) ?? new Map<number, number>();
    this.#counts.set(grainUs, counts);
    const stampUs = coarseStampUs({ grainUs }, atUs);
    counts.set(stampUs, (counts.get(stampUs) ?? 0) + by);
  }

  #subBuckets(grainUs: number) {
    return [...(this.#counts.get(grainUs) ?? [])]
      .toSorted(([a], [b]) => b - a)
      .map(([stampUs, count]) => ({ stampUs, count }));
  }
}

function coarse({ windows }: Rules): readonly WindowRule[] {
  return windows.filter(({ grainUs }) => grainUs > 0);
}
