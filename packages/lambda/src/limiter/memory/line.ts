/** A message with a place in line. */
export interface Waiter {
  readonly id: string;
  readonly place: number;
  readonly dueUs: number;
}

/** The waiters of one key, in the order in which they go. */
export class Line {
  #waiters: Waiter[] = [];
  readonly #byId = new Map<string, Waiter>();

  find(id: string): Waiter | undefined {
    return this.#byId.get(id);
  }

  /** How many waiters stand before `place`. */
  before(place: number): number {
    let low = 0;
    let high = this.#waiters.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#waiters[middle]!.place < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Adds a waiter, or replaces the one with its id at the same place. */
  put(waiter: Waiter): void {
    const known = this.#byId.has(waiter.id);
    this.#waiters.splice(this.before(waiter.place), known ? 1 : 0, waiter);
    this.#byId.set(waiter.id, waiter);
  }

  remove(id: string): void {
    const waiter = this.#byId.get(id);
    if (!waiter) return;
    this.#byId.delete(id);
    this.#waiters.splice(this.before(waiter.place), 1);
  }

  /** The ids of up to `most` waiters that were due before `untilUs`, longest overdue first. */
  overdue(untilUs: number, most: number): readonly string[] {
    return this.#waiters
      .filter(({ dueUs }) => dueUs < untilUs)
      .toSorted((a, b) => a.dueUs - b.dueUs || (a.id < b.id ? -1 : 1))
      .slice(0, most)
      .map(({ id }) => id);
  }

  /** Whoever goes last. */
  get last(): Waiter | undefined {
    return this.#waiters.at(-1);
  }

  get length(): number {
    return this.#waiters.length;
  }
}
