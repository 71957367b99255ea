import { firstIndex } from '@huntaze/kit';
import { MAX_FORGOTTEN, WAITER_GRACE_MS } from '../limiter.ts';
import { US_PER_MS } from '../limits/rules.ts';
import { claimedBefore, type Waiter, type WaitQueue } from '../key/wait-queue.ts';

const GRACE_US = WAITER_GRACE_MS * US_PER_MS;

/** Knows every waiter by itself. One that costs several slots stands there as often. */
export class SortedWaitQueue implements WaitQueue {
  readonly #claims: { readonly id: string; readonly position: number }[] = [];
  readonly #byId = new Map<string, Waiter>();
  /** The waiters, longest overdue first. */
  readonly #byDue: Waiter[] = [];

  /** When a waiter asked last that had been told its turn. */
  #cameUs = 0;
  /** When nobody can be expected any more. */
  #expectedUntilUs = 0;

  /** The time, by which all that is over was forgotten. */
  at(nowUs: number): number {
    if (!this.isExpected(nowUs)) this.clear();
    return nowUs;
  }

  /** Whether anybody may still come back. */
  isExpected(nowUs: number): boolean {
    return nowUs < this.#expectedUntilUs;
  }

  /** Expects, from now on, every waiter that was given a due time. */
  expectAll(nowUs: number): void {
    this.#expectedUntilUs = Math.max(nowUs, this.lastDueUs ?? 0) + 2 * GRACE_US;
  }

  /**
   * Waiters that did not come back lose their positions. If nobody came for its turn since one of them was due, all do: who
   * only came because a slot was free says nothing of those before it.
   */
  meet(candidates: readonly { readonly id: string }[], nowUs: number): void {
    const asking = new Set(candidates.map(({ id }) => id));
    if (candidates.some(({ id }) => this.find(id)?.isTurn)) this.#cameUs = nowUs;
    const lost = this.overdue(nowUs - GRACE_US, MAX_FORGOTTEN);
    if (lost[0] && this.#cameUs < lost[0].dueUs) return this.clear();
    for (const { id } of lost) if (!asking.has(id)) this.remove(id);
  }

  find(id: string): Waiter | undefined {
    return this.#byId.get(id);
  }

  /** How many slots are claimed by waiters from one position up to, but not including, another. */
  claimed(from: number, to: number): number {
    return Math.max(0, this.#indexOf(to) - this.#indexOf(from));
  }

  add(waiter: Waiter): void {
    const claims = Array.from({ length: waiter.cost }, () => ({ id: waiter.id, position: waiter.position }));
    this.#claims.splice(this.#indexOf(waiter.position), 0, ...claims);
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
    this.#claims.splice(this.#indexOf(waiter.position), waiter.cost);
  }

  /** All lose their positions. */
  clear(): void {
    this.#claims.length = 0;
    this.#byDue.length = 0;
    this.#byId.clear();
  }

  /** Up to `most` waiters that were due before `untilUs`, longest overdue first. */
  overdue(untilUs: number, most: number): readonly Waiter[] {
    return this.#byDue.slice(0, Math.min(most, this.#dueBefore(untilUs)));
  }

  asleepBefore({ position }: Waiter, nowUs: number, agingUs: number): number {
    const othersDue = this.#dueBefore(nowUs + 1) - 1;
    return claimedBefore(this, position, agingUs) - othersDue;
  }

  /** How many waiters were due before `untilUs`. */
  #dueBefore(untilUs: number): number {
    return firstIndex(this.#byDue, ({ dueUs }) => dueUs >= untilUs);
  }

  readonly mayErr = false;

  /** Who may expect its position first, of those who were told when. */
  get head(): Waiter | undefined {
    return this.overdue(Number.POSITIVE_INFINITY, 1)[0];
  }

  /** When the last of them may expect its position. */
  get lastDueUs(): number | undefined {
    return this.#byDue.at(-1)?.dueUs;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#byId.size;
  }

  /** Whether a message waits that claims several slots. */
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

  #indexOf(position: number): number {
    return firstIndex(this.#claims, (claim) => claim.position >= position);
  }

  #dueIndexOf(waiter: Waiter): number {
    return firstIndex(this.#byDue, (other) => compareDue(other, waiter) >= 0);
  }
}

/** Longest overdue first, then who was told its turn. */
function compareDue(a: Waiter, b: Waiter): number {
  return a.dueUs - b.dueUs || Number(b.isTurn) - Number(a.isTurn) || (a.id < b.id ? -1 : Number(a.id > b.id));
}
