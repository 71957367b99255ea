import { coarseStampUs, logLength, shortestWindowUs } from '../../limits/arithmetic.ts';
import type { Rules, WindowRule } from '../../limits/rules.ts';
import { bySubBucket, oneByOne, type Taken } from '../../limits/taken.ts';

/** The stamp of a delivery whose places are in no window yet: it left all of them long ago. */
const NEVER_COUNTED_US = 1;

interface Flight {
  readonly stampUs: number;
  readonly leaseUntilUs: number;
  readonly cost: number;
}

/**
 * The newest admissions of one key, each with the stamp that its windows run from: the one it was admitted
 * with, or the margin before the end of its delivery when that is later. Exact windows know the stamp of every
 * place, by token; a message that costs several has as many tokens in a row. The others know how many stamps lie
 * in each sub-bucket.
 */
export class AdmissionLog {
  readonly #stamps = new Map<number, number>();
  readonly #counts = new Map<number, Map<number, number>>();
  readonly #flights = new Map<number, Flight>();
  #longest = 0;

  /** The places taken, window by window. */
  taken({ windows }: Rules): readonly Taken[] {
    const exact = oneByOne([...this.#stamps.values()].toSorted((a, b) => b - a));
    return windows.map(({ grainUs }) => (grainUs === 0 ? exact : bySubBucket(this.#subBuckets(grainUs))));
  }

  /** Admits a message whose place number i has the stamp `stamps[i]`. */
  start(rules: Rules, token: number, stamps: readonly number[], leaseUntilUs: number): void {
    const [stampUs = 0] = stamps;
    if (logLength(rules) > 0) for (const [i, atUs] of stamps.entries()) this.#stamps.set(token + i, atUs);
    for (const { grainUs } of coarse(rules)) this.#count(grainUs, stampUs, stamps.length);
    this.#flights.set(token, { stampUs, leaseUntilUs, cost: stamps.length });
  }

  end(rules: Rules, token: number, cost: number, endedUs: number): void {
    const flight = this.#flights.get(token);
    this.#flights.delete(token);
    this.#move(rules, token, flight?.stampUs, cost, endedUs - rules.marginUs);
  }

  /** A delivery goes on until its new lease ends; one that was given up for lost is under way again. */
  renew(
    { marginUs }: Pick<Rules, 'marginUs'>,
    token: number,
    cost: number,
    nowUs: number,
    leaseUntilUs: number,
  ): void {
    const stampUs = this.#flights.get(token)?.stampUs ?? nowUs - marginUs;
    this.#flights.set(token, { stampUs, leaseUntilUs, cost });
  }

  /** A delivery that is known no more goes on until its lease ends: the next question counts its places. */
  adopt(token: number, cost: number, leaseUntilUs: number): void {
    const stampUs = this.#flights.get(token)?.stampUs ?? NEVER_COUNTED_US;
    this.#flights.set(token, { stampUs, leaseUntilUs, cost });
  }

  /**
   * Deliveries that are about to leave a window although they are still under way count as ending now;
   * those that outlast their lease, as ending with it.
   */
  catchUp(rules: Rules, nowUs: number): void {
    for (const [token, { stampUs, leaseUntilUs, cost }] of this.#flights) {
      if (stampUs > nowUs - shortestWindowUs(rules)) continue;
      const movedUs = Math.max(stampUs, Math.min(nowUs, leaseUntilUs) - rules.marginUs);
      this.#move(rules, token, stampUs, cost, movedUs);
      if (leaseUntilUs <= nowUs) this.#flights.delete(token);
      else this.#flights.set(token, { stampUs: movedUs, leaseUntilUs, cost });
    }
  }

  /** Forgets what no window looks at any more, nor one that the key was asked about with before. */
  trim(rules: Rules, nowUs: number): void {
    this.#longest = Math.max(this.#longest, logLength(rules));
    const superfluous = this.#stamps.size - this.#longest;
    if (superfluous > 0 && logLength(rules) > 0) {
      const oldestFirst = [...this.#stamps].toSorted(([a, aUs], [b, bUs]) => aUs - bUs || a - b);
      for (const [token] of oldestFirst.slice(0, superfluous)) this.#stamps.delete(token);
    }
    for (const { grainUs, windowUs } of coarse(rules)) {
      const counts = this.#counts.get(grainUs);
      for (const stampUs of counts?.keys() ?? []) if (stampUs + windowUs <= nowUs) counts?.delete(stampUs);
    }
  }

  /** How many deliveries are under way. */
  get underWay(): number {
    return this.#flights.size;
  }

  /** When the last delivery under way must have ended. */
  lastLeaseUs(): number {
    return Math.max(0, ...[...this.#flights.values()].map(({ leaseUntilUs }) => leaseUntilUs));
  }

  /** A stamp only moves forward. */
  #move(rules: Rules, token: number, fromUs: number | undefined, cost: number, toUs: number): void {
    if (logLength(rules) > 0) {
      for (let place = token; place < token + cost; place++) {
        this.#stamps.set(place, Math.max(toUs, this.#stamps.get(place) ?? 0));
      }
    }
    for (const { grainUs } of coarse(rules)) {
      // Of one that was given up for lost the old stamp is not known any more: it counts twice for a while.
      if (fromUs !== undefined && coarseStampUs({ grainUs }, fromUs) >= coarseStampUs({ grainUs }, toUs))
        continue;
      if (fromUs !== undefined) this.#count(grainUs, fromUs, -cost);
      this.#count(grainUs, toUs, cost);
    }
  }

  #count(grainUs: number, atUs: number, by: number): void {
    const counts = this.#counts.get(grainUs) ?? new Map<number, number>();
    this.#counts.set(grainUs, counts);
    const stampUs = coarseStampUs({ grainUs }, atUs);
    const count = (counts.get(stampUs) ?? 0) + by;
    // What was trimmed meanwhile, or never counted under these rules, is not there to be taken away.
    if (count > 0) counts.set(stampUs, count);
    else counts.delete(stampUs);
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
