import { firstIndex } from '@huntaze/kit';

/** When an entry is due, and its number. Entries that are due at the same time go by their numbers. */
export interface Due {
  readonly dueAtMs: number;
  readonly number: number;
}

/** The number of entries that are due before another one, which is its index. Takes O(log n) comparisons. */
export function dueBefore({ dueAtMs, number }: Due, inOrder: readonly Due[]): number {
  return firstIndex(inOrder, (other) => (other.dueAtMs - dueAtMs || other.number - number) >= 0);
}
