/** Numbers that only grow, for positions in the queue and fencing tokens: about the microsecond in which they are drawn. */
export class Tickets {
  #last: number;

  constructor(last: number) {
    this.#last = last;
  }

  /** The one drawn last. */
  get last(): number {
    return this.#last;
  }

  /** The next one, without drawing it. */
  next(nowUs: number): number {
    return Math.max(this.#last + 1, nowUs);
  }

  /** Draws so many in a row and gives the first. */
  draw(nowUs: number, count: number): number {
    const first = this.next(nowUs);
    this.#last = first + count - 1;
    return first;
  }
}
