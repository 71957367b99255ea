import { logLength, shortestWindowUs } from '../../limits/arithmetic.ts';
import type { Rules } from '../../limits/rules.ts';

interface Flight {
  readonly stampUs: number;
  readonly leaseUntilUs: number;
}

/**
 * The newest admissions of one key, by token, each with the stamp that its windows run from: the
 * one it was admitted with, or the margin before the end of its delivery when that is later.
 */
export class AdmissionLog {
  readonly #stamps = new Map<number, number>();
  readonly #flights = new Map<number, Flight>();

  /** The stamps, newest first. */
  stamps(): readonly number[] {
    return [...this.#stamps.values()].toSorted((a, b) => b - a);
  }

  start(token: number, stampUs: number, leaseUntilUs: number): void {
    this.#stamps.set(token, stampUs);
    this.#flights.set(token, { stampUs, leaseUntilUs });
  }

  end(rules: Rules, token: number, endedUs: number): void {
    this.#flights.delete(token);
    this.#move(token, endedUs - rules.marginUs);
    this.trim(rules);
  }

  /** A delivery goes on until its new lease ends; one that was given up for lost is under way again. */
  renew(rules: Pick<Rules, 'marginUs'>, token: number, nowUs: number, leaseUntilUs: number): void {
    const stampUs = this.#flights.get(token)?.stampUs ?? nowUs - rules.marginUs;
    this.#flights.set(token, { stampUs, leaseUntilUs });
  }

  /**
   * Deliveries that are about to leave a window although they are still under way count as ending now;
   * those that outlast their lease, as ending with it.
   */
  catchUp(rules: Rules, nowUs: number): void {
    for (const [token, { stampUs, leaseUntilUs }] of this.#flights) {
      if (stampUs > nowUs - shortestWindowUs(rules)) continue;
      const endUs = Math.min(nowUs, leaseUntilUs);
      this.#move(token, endUs - rules.marginUs);
      if (leaseUntilUs <= nowUs) this.#flights.delete(token);
      else this.#flights.set(token, { stampUs: Math.max(stampUs, endUs - rules.marginUs), leaseUntilUs });
    }
    this.trim(rules);
  }

  /** Forgets the admissions that no window looks at any more. */
  trim(rules: Rules): void {
    const superfluous = this.#stamps.size - logLength(rules);
    if (superfluous <= 0) return;
    const oldestFirst = [...this.#stamps].toSorted(([a, aUs], [b, bUs]) => aUs - bUs || a - b);
    for (const [token] of oldestFirst.slice(0, superfluous)) this.#stamps.delete(token);
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
  #move(token: number, stampUs: number): void {
    this.#stamps.set(token, Math.max(stampUs, this.#stamps.get(token) ?? 0));
  }
}
