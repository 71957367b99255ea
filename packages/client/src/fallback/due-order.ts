import { firstIndex } from '@huntaze/kit';

/** When something is due, and its number: what is due at the same time goes by that. */
export interface Due {
  readonly dueAtMs: number;
  readonly number: number;
}

/** How many of those in order are due before another one, which tells its place. Takes O(log n) comparisons. */
export function dueBefore({ dueAtMs, number }: Due, inOrder: readonly Due[]): number {
  return firstIndex(inOrder, (other) => (other.dueAtMs - dueAtMs || other.number - number) >= 0);
}
