/** The clock of one key: the limiter's, which is carried on from where it stood when it is set back. */
export class KeyClock {
  /** By how much it is ahead of the limiter's. */
  skewMs = 0;
  #lastMs = 0;
  #latestMs = 0;

  /** The time of a question. */
  tick(clockMs: number): number {
    this.skewMs += Math.max(0, this.#lastMs - (clockMs + this.skewMs));
    this.#lastMs = clockMs + this.skewMs;
    this.#latestMs = Math.max(this.#latestMs, this.#lastMs);
    return this.#lastMs;
  }

  /** The time of an outcome or a renewal. Before the first question nothing is carried on. */
  hear(clockMs: number): number {
    if (this.#lastMs > 0) return this.tick(clockMs);
    this.#latestMs = Math.max(this.#latestMs, clockMs);
    return clockMs;
  }

  /** Whether it once showed a later time than now. */
  get wasSetBack(): boolean {
    return this.skewMs > 0 || this.#lastMs < this.#latestMs;
  }
}
