interface Waits {
  readonly place: { readonly number: number };
  readonly cost: number;
}

/** Waiters of one priority in the order in which they came, each there once: who goes first is found without a walk. */
export class SortedWaiters<Waiter extends Waits> {
  readonly #waiters: Waiter[] = [];
  #costly = 0;

  add(waiter: Waiter): void {
    this.#waiters.splice(this.#indexOf(waiter), 0, waiter);
    if (waiter.cost > 1) this.#costly++;
  }

  remove(waiter: Waiter): void {
    this.#waiters.splice(this.#indexOf(waiter), 1);
    if (waiter.cost > 1) this.#costly--;
  }

  /** How many places those claim that come before the first one for which something does not hold. */
  claimedWhile(holds: (waiter: Waiter) => boolean): number {
    const end = this.#firstIndex((waiter) => !holds(waiter));
    if (this.#costly === 0) return end;
    return this.#waiters.slice(0, end).reduce((sum, { cost }) => sum + cost, 0);
  }

  #indexOf({ place }: Waiter): number {
    return this.#firstIndex((other) => other.place.number >= place.number);
  }

  /** Of the first one for which something holds, as it does for all behind it. */
  #firstIndex(holds: (waiter: Waiter) => boolean): number {
    let low = 0;
    let high = this.#waiters.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#waiters[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
