import { stretchesBefore } from '../queue-position.ts';

/** A message with a position in the queue. */
export interface Waiter {
  readonly id: string;
  readonly position: number;
  readonly dueUs: number;
  /** Whether that was its turn in the queue, and not just until when a free slot was kept for others. */
  readonly isTurn: boolean;
  /** How many slots it claims. */
  readonly cost: number;
}

/** The waiters of one key by position, for as long as anybody may still come back. */
export interface WaitQueue {
  /** The time, by which all that is over was forgotten. */
  at(nowUs: number): number;
  /** Whether anybody may still come back. */
  isExpected(nowUs: number): boolean;
  /** Expects, from now on, every waiter that was given a due time. */
  expectAll(nowUs: number): void;
  /**
   * Waiters that did not come back lose their positions. If nobody came for its turn since one of them was due, all do: who
   * only came because a slot was free says nothing of those before it.
   */
  meet(candidates: readonly { readonly id: string }[], nowUs: number): void;
  find(id: string): Waiter | undefined;
  /** How many slots are claimed by waiters from one position up to, but not including, another. */
  claimed(from: number, to: number): number;
  add(waiter: Waiter): void;
  /** Notes when a waiter is to come back. */
  expect(id: string, dueUs: number, isTurn: boolean): void;
  remove(id: string): void;
  /** How many slots before a waiter's position belong to waiters that have yet to be woken, at least. */
  asleepBefore(waiter: Waiter, nowUs: number, agingUs: number): number;
  /** Whether positions may be wrong: then slots that nobody took for long are for whoever asks. */
  readonly mayErr: boolean;
  /** Who may expect its position first, of those who were told when. */
  readonly head: Pick<Waiter, 'dueUs' | 'cost'> | undefined;
  /** When the last of them may expect its position. */
  readonly lastDueUs: number | undefined;
  /** How many messages wait. */
  readonly length: number;
  /** Whether a message waits that claims several slots. */
  readonly hasCostly: boolean;
}

/** How many slots waiters claim that go before a position. */
export function claimedBefore(queue: WaitQueue, position: number, agingUs: number, woken = false): number {
  return stretchesBefore(position, agingUs, woken).reduce(
    (sum, [from, to]) => sum + queue.claimed(from, to),
    0,
  );
}
