/** What a {@link KeyClock} is made from again. */
export interface KeyClockForm {
  readonly lastUs: number;
  readonly skewUs: number;
}

/**
 * The time of one key. A clock that steps back is carried on from where it stood: leases do not grow, limits do not loosen.
 * Steps of up to `waitedOutUs` are waited out instead: the time stands still until the clock is there again, since the
 * clocks of two askers, asked in turn, would otherwise carry it ahead with every question.
 */
export class KeyClock {
  readonly #waitedOutUs: number;
  #lastUs: number;
  #skewUs: number;

  constructor({ lastUs, skewUs }: KeyClockForm, waitedOutUs = 0) {
    this.#waitedOutUs = waitedOutUs;
    this.#lastUs = lastUs;
    this.#skewUs = skewUs;
  }

  get form(): KeyClockForm {
    return { lastUs: this.#lastUs, skewUs: this.#skewUs };
  }

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
    const backUs = this.#lastUs - (clockUs + this.#skewUs);
    if (backUs > this.#waitedOutUs) this.#skewUs += backUs;
    this.#lastUs = this.at(clockUs);
    return this.#lastUs;
  }
}
