/** The clock of one key: the limiter's, which is carried on from where it stood when it is set back. */
export class KeyClock {
  /** By how much it is ahead of the limiter's. */
  skewMs = 0;
  #lastMs = 0;

  /** The time of a question. */
  tick(clockMs: number): number {
    this.skewMs += Math.max(0, this.#lastMs - (clockMs + this.skewMs));
    this.#lastMs = clockMs + this.skewMs;
    return this.#lastMs;
  }

  /** The time, without a question. */
  peek(clockMs: number): number {
    return Math.max(clockMs + this.skewMs, this.#lastMs);
  }
}
