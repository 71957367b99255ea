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
  /** The waiters, longest overdue first. */
  readonly #byDue: Waiter[] = [];

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
    this.#note(waiter);
  }

  /** Notes when a waiter is to come back. */
  expect(id: string, dueUs: number, isTurn: boolean): void {
    const waiter = this.#byId.get(id)!;
    this.#strike(waiter);
    this.#note({ ...waiter, dueUs, isTurn });
  }

  remove(id: string): void {
    const waiter = this.#byId.get(id);
    if (!waiter) return;
    this.#byId.delete(id);
    this.#strike(waiter);
    this.#claims.splice(this.#indexOf(waiter.place), waiter.cost);
  }

  /** All lose their places. */
  clear(): void {
    this.#claims.length = 0;
    this.#byDue.length = 0;
    this.#byId.clear();
  }

  /** Up to `most` waiters that were due before `untilUs`, longest overdue first. */
  overdue(untilUs: number, most: number): readonly Waiter[] {
    return this.#byDue.slice(0, Math.min(most, this.dueBefore(untilUs)));
  }

  /** How many waiters were due before `untilUs`. */
  dueBefore(untilUs: number): number {
    return countFirst(this.#byDue, ({ dueUs }) => dueUs < untilUs);
  }

  /** Who may expect its place first, of those who were told when. */
  get head(): Waiter | undefined {
    return this.overdue(Number.POSITIVE_INFINITY, 1)[0];
  }

  /** When the last of them may expect its place. */
  get lastDueUs(): number | undefined {
    return this.#byDue.at(-1)?.dueUs;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#byId.size;
  }

  /** Whether a message waits that claims several places. */
  get hasCostly(): boolean {
    return this.#claims.length > this.#byId.size;
  }

  #note(waiter: Waiter): void {
    this.#byId.set(waiter.id, waiter);
    this.#byDue.splice(this.#dueIndexOf(waiter), 0, waiter);
  }

  #strike(waiter: Waiter): void {
    this.#byDue.splice(this.#dueIndexOf(waiter), 1);
  }

  #indexOf(place: number): number {
    return countFirst(this.#claims, (claim) => claim.place < place);
  }

  #dueIndexOf(waiter: Waiter): number {
    return countFirst(this.#byDue, (other) => compareDue(other, waiter) < 0);
  }
}

/** Longest overdue first, then who was told its turn. */
function compareDue(a: Waiter, b: Waiter): number {
  return a.dueUs - b.dueUs || Number(b.isTurn) - Number(a.isTurn) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

/** How many items of a sorted list come first, by bisection. */
function countFirst<Item>(sorted: readonly Item[], isFirst: (item: Item) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isFirst(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
