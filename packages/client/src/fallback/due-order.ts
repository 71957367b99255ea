/** When something is due, and its number: what is due at the same time goes by that. */
export interface Due {
  readonly dueAtMs: number;
  readonly number: number;
}

/** How many of those in order are due before another one, which tells its place. Takes O(log n) comparisons. */
export function dueBefore({ dueAtMs, number }: Due, inOrder: readonly Due[]): number {
  let low = 0;
  let high = inOrder.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = inOrder[middle]!;
    if ((other.dueAtMs - dueAtMs || other.number - number) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
