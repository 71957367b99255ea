/** A message with a place in line. */
export interface Waiter {
  readonly id: string;
  readonly place: number;
  readonly dueUs: number;
  /** Whether that was its turn in line, and not just until when a free place was kept for others. */
  readonly isTurn: boolean;
  /** How many places it claims. */
  readonly cost: number;
}

/** The waiters of one key by place. One that costs several places stands there as often. */
export class Line {
  readonly #claims: { readonly id: string; readonly place: number }[] = [];
  readonly #byId = new Map<string, Waiter>();

  find(id: string): Waiter | undefined {
    return this.#byId.get(id);
  }

  /** How many places are claimed by waiters from one place up to, but not including, another. */
  claimed(fromPlace: number, toPlace: number): number {
    return Math.max(0, this.#indexOf(toPlace) - this.#indexOf(fromPlace));
  }

  add(waiter: Waiter): void {
    const claims = Array.from({ length: waiter.cost }, () => ({ id: waiter.id, place: waiter.place }));
    this.#claims.splice(this.#indexOf(waiter.place), 0, ...claims);
    this.#byId.set(waiter.id, waiter);
  }

  /** Notes when a waiter is to come back. */
  expect(id: string, dueUs: number, isTurn: boolean): void {
    this.#byId.set(id, { ...this.#byId.get(id)!, dueUs, isTurn });
  }

  remove(id: string): void {
    const waiter = this.#byId.get(id);
    if (!waiter) return;
    this.#byId.delete(id);
    this.#claims.splice(this.#indexOf(waiter.place), waiter.cost);
  }

  /** All lose their places. */
  clear(): void {
    this.#claims.length = 0;
    this.#byId.clear();
  }

  /** Up to `most` waiters that were due before `untilUs`, longest overdue first. */
  overdue(untilUs: number, most: number): readonly Waiter[] {
    return [...this.#byId.values()]
      .filter(({ dueUs }) => dueUs < untilUs)
      .toSorted((a, b) => a.dueUs - b.dueUs || Number(b.isTurn) - Number(a.isTurn) || (a.id < b.id ? -1 : 1))
      .slice(0, most);
  }

  /** Who may expect its place first, of those who were told when. */
  get head(): Waiter | undefined {
    return this.overdue(Number.POSITIVE_INFINITY, 1)[0];
  }

  /** When the last of them may expect its place. */
  get lastDueUs(): number | undefined {
    let last: number | undefined;
    for (const { dueUs } of this.#byId.values()) last = Math.max(last ?? 0, dueUs);
    return last;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#byId.size;
  }

  /** Whether a message waits that claims several places. */
  get hasCostly(): boolean {
    return this.#claims.length > this.#byId.size;
  }

  #indexOf(place: number): number {
    let low = 0;
    let high = this.#claims.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#claims[middle]!.place < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
