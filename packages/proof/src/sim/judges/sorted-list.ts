/** Items in the order of a number that each has, found without a walk. The number of an item stays while it is in here. */
export class SortedList<Item> {
  readonly #items: Item[] = [];
  readonly #keyOf: (item: Item) => number;

  constructor(keyOf: (item: Item) => number) {
    this.#keyOf = keyOf;
  }

  get items(): readonly Item[] {
    return this.#items;
  }

  add(item: Item): void {
    this.#items.splice(this.#indexOf(item), 0, item);
  }

  remove(item: Item): void {
    this.#items.splice(this.#items.indexOf(item, this.#indexOf(item)), 1);
  }

  /** Of the first one for which something holds, as it does for all behind it. */
  firstIndex(holds: (item: Item) => boolean): number {
    let low = 0;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#items[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #indexOf(item: Item): number {
    const key = this.#keyOf(item);
    return this.firstIndex((other) => this.#keyOf(other) >= key);
  }
}
