import { SortedList } from './sorted-list.ts';

interface Waits {
  readonly place: { readonly number: number };
  readonly cost: number;
}

/** Waiters of one priority in the order in which they came, each there once: who goes first is found without a walk. */
export class SortedWaiters<Waiter extends Waits> {
  readonly #waiters = new SortedList<Waiter>(({ place }) => place.number);
  #costly = 0;

  add(waiter: Waiter): void {
    this.#waiters.add(waiter);
    if (waiter.cost > 1) this.#costly++;
  }

  remove(waiter: Waiter): void {
    this.#waiters.remove(waiter);
    if (waiter.cost > 1) this.#costly--;
  }

  /** How many places those claim that come before the first one for which something does not hold. */
  claimedWhile(holds: (waiter: Waiter) => boolean): number {
    const end = this.#waiters.firstIndex((waiter) => !holds(waiter));
    if (this.#costly === 0) return end;
    return this.#waiters.items.slice(0, end).reduce((sum, { cost }) => sum + cost, 0);
  }
}
