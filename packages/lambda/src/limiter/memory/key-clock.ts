/** The time of one key. A clock that steps back is carried on from where it stood: leases do not grow, limits do not loosen. */
export class KeyClock {
  #lastUs = 0;
  #skewUs = 0;

  /** By how much it is ahead of the limiter's clock. */
  get skewUs(): number {
    return this.#skewUs;
  }

  /** When something was changed last. */
  get lastUs(): number {
    return this.#lastUs;
  }

  /** The time, without taking note of it. */
  at(clockUs: number): number {
    return Math.max(clockUs + this.#skewUs, this.#lastUs);
  }

  /** The time of a change. */
  tick(clockUs: number): number {
    this.#skewUs += Math.max(0, this.#lastUs - (clockUs + this.#skewUs));
    this.#lastUs = clockUs + this.#skewUs;
    return this.#lastUs;
  }
}
