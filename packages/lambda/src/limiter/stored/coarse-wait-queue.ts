import { claimedBefore, type Waiter, type WaitQueue } from '../key/wait-queue.ts';
import { WAITER_GRACE_MS } from '../limiter.ts';
import { US_PER_MS } from '../limits/rules.ts';
import {
  alone,
  covers,
  dueAgain,
  firstDueUs,
  joinedBy,
  leftBy,
  rankAt,
  slotsBefore,
  slotsDueBefore,
  surelyDueUs,
  union,
  withoutLost,
  type Section,
} from './section.ts';

const GRACE_US = WAITER_GRACE_MS * US_PER_MS;

/** Beyond so many sections, neighbours are joined: a state is no larger for a long queue. */
const MAX_SECTIONS = 12;

/** The number of a waiter that came back to its position in a section: before all others. */
const CAME_BACK = 0;
const FIRST_NUMBER = 1;

/** So many at the head are not joined. */
const KEPT_APART = 2;

/** What a {@link CoarseWaitQueue} is made from again, beside its waiters. */
export interface CoarseWaitQueueForm {
  readonly sections: readonly Section[];
  readonly cameUs: number;
  readonly expectedUntilUs: number;
  /** Which queue it is: one that was given up has a new number. */
  readonly number: number;
  /** How many ever joined, by priority. */
  readonly joined: readonly number[];
}

const EMPTY: CoarseWaitQueueForm = { sections: [], cameUs: 0, expectedUntilUs: 0, number: 0, joined: [] };

/** A waiter with its number: it is known how many of its priority joined before it. */
export interface NumberedWaiter extends Waiter {
  readonly number?: number;
}

/**
 * A queue of bounded size, however many wait: who asks brings its own position and due time with it, of all others only
 * the numbers per section are known. Up to {@link MAX_SECTIONS} waiters are known exactly; beyond, positions, and so due
 * times, are about right.
 */
export class CoarseWaitQueue implements WaitQueue {
  #sections: readonly Section[];
  readonly #waiters: Map<string, NumberedWaiter>;
  #cameUs: number;
  #expectedUntilUs: number;
  #number: number;
  readonly #joined: number[];

  /** @param waitersOf those of this queue number who ask now. */
  constructor(
    waitersOf: (queueNumber: number) => ReadonlyMap<string, NumberedWaiter>,
    { sections, cameUs, expectedUntilUs, number, joined }: CoarseWaitQueueForm = EMPTY,
  ) {
    this.#joined = [...joined];
    this.#sections = sections;
    this.#waiters = new Map(waitersOf(number));
    this.#cameUs = cameUs;
    this.#expectedUntilUs = expectedUntilUs;
    this.#number = number;
  }

  get form(): CoarseWaitQueueForm {
    return {
      sections: fewer(this.#sections),
      cameUs: this.#cameUs,
      expectedUntilUs: this.#expectedUntilUs,
      number: this.#number,
      joined: this.#joined,
    };
  }

  /** Which queue it is. */
  get number(): number {
    return this.#number;
  }

  /** Until when somebody may come back. */
  get expectedUntilUs(): number {
    return this.#expectedUntilUs;
  }

  at(nowUs: number): number {
    if (!this.isExpected(nowUs)) this.#clear();
    this.#missLate(nowUs - GRACE_US);
    return nowUs;
  }

  isExpected(nowUs: number): boolean {
    return nowUs < this.#expectedUntilUs;
  }

  expectAll(nowUs: number): void {
    this.#expectedUntilUs = Math.max(nowUs, this.lastDueUs ?? 0) + 2 * GRACE_US;
  }

  meet(candidates: readonly { readonly id: string }[], nowUs: number): void {
    const lostBeforeUs = nowUs - GRACE_US;
    const asking = candidates.flatMap(({ id }) => this.find(id) ?? []);
    if (asking.some(({ isTurn }) => isTurn)) this.#cameUs = nowUs;
    const missedUs = Math.min(...this.#sections.map(surelyDueUs));
    if (missedUs < lostBeforeUs && this.#cameUs < missedUs) return this.#clear();
    this.#sections = this.#sections.flatMap((section) => {
      const here = asking.filter(({ position }) => covers(section, position));
      return withoutLost(section, lostBeforeUs, here) ?? [];
    });
  }

  find(id: string): NumberedWaiter | undefined {
    return this.#waiters.get(id);
  }

  claimed(from: number, to: number): number {
    return this.#sections.reduce((sum, one) => sum + this.#slotsWithin(one, from, to), 0);
  }

  add(waiter: Waiter): void {
    const { id, position } = waiter;
    const index = this.#indexAt(position);
    if (index === -1) {
      const number = this.#numberAt(position);
      this.#waiters.set(id, { ...waiter, number });
      const before = this.#sections.filter(({ from }) => from < position).length;
      this.#sections = this.#sections.toSpliced(before, 0, alone(waiter, number));
    } else {
      this.#waiters.set(id, { ...waiter, number: CAME_BACK });
      this.#change(index, (section) => joinedBy(section, waiter));
    }
  }

  expect(id: string, dueUs: number, isTurn: boolean): void {
    const before = this.#waiters.get(id)!;
    const waiter = { ...before, dueUs, isTurn };
    const index = this.#indexAt(waiter.position);
    if (index === -1) return this.add(waiter);
    this.#waiters.set(id, waiter);
    this.#change(index, (section) => dueAgain(section, before.dueUs, dueUs));
  }

  remove(id: string): void {
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    this.#waiters.delete(id);
    const index = this.#indexAt(waiter.position);
    if (index !== -1) this.#change(index, (section) => leftBy(section, waiter));
  }

  asleepBefore({ position }: Waiter, nowUs: number, agingUs: number): number {
    const othersDue = this.#sections.reduce((sum, one) => sum + slotsDueBefore(one, nowUs + 1), 0) - 1;
    return claimedBefore(this, position, agingUs) - othersDue;
  }

  /** Positions are about right. */
  get mayErr(): boolean {
    return true;
  }

  get head(): Pick<Waiter, 'dueUs' | 'cost'> | undefined {
    const [first] = this.#sections.toSorted((a, b) => firstDueUs(a) - firstDueUs(b));
    return first && { dueUs: firstDueUs(first), cost: Math.ceil(first.slots / first.messages) };
  }

  get lastDueUs(): number | undefined {
    return this.#sections.length === 0
      ? undefined
      : Math.max(...this.#sections.flatMap(({ dues }) => dues.map(({ toUs }) => toUs)));
  }

  get length(): number {
    return this.#sections.reduce((sum, { messages }) => sum + messages, 0);
  }

  get hasCostly(): boolean {
    return this.#sections.some(({ messages, slots }) => slots > messages);
  }

  /** Whoever comes so late that its section was given up has lost its position. */
  #missLate(lostBeforeUs: number): void {
    for (const [id, { position, dueUs }] of this.#waiters) {
      if (dueUs < lostBeforeUs && !this.#sections.some((one) => covers(one, position)))
        this.#waiters.delete(id);
    }
  }

  #clear(): void {
    if (this.#sections.length === 0 && this.#waiters.size === 0) return;
    this.#sections = [];
    this.#waiters.clear();
    this.#number++;
  }

  #slotsWithin(section: Section, from: number, to: number): number {
    const waiter = [...this.#waiters.values()].find(({ position }) => position === to);
    return Math.max(0, slotsBefore(section, to, waiter?.number) - slotsBefore(section, from, undefined));
  }

  /** The number of a waiter that joins: the next one, or, of one that comes back to its position, that of who follows. */
  #numberAt(position: number): number {
    const rank = rankAt(position);
    const next = this.#sections.find(({ from }) => from > position && rankAt(from) === rank);
    if (next) return next.first;
    const number = this.#joined[rank] ?? FIRST_NUMBER;
    this.#joined[rank] = number + 1;
    return number;
  }

  #change(index: number, by: (section: Section) => Section | undefined): void {
    const section = by(this.#sections[index]!);
    this.#sections = this.#sections.toSpliced(index, 1, ...(section ? [section] : []));
  }

  /**
   * The section that a waiter at this position counts in: one that was joined begins where those stand who are left of
   * it, if they left in order; whoever is left further ahead counts in it all the same.
   */
  #indexAt(position: number): number {
    const index = this.#sections.findIndex(({ to }) => position <= to);
    const section = this.#sections[index];
    if (!section || covers(section, position)) return index;
    return section.ever > 1 && rankAt(section.from) === rankAt(position) ? index : -1;
  }
}

/**
 * Joins neighbours of one priority, the smallest first, until there are few enough sections. Not the very first: whether
 * anybody comes is known soonest of them.
 */
function fewer(sections: readonly Section[]): readonly Section[] {
  const left = [...sections];
  while (left.length > MAX_SECTIONS) {
    let smallest = KEPT_APART + 1;
    let messages = Number.POSITIVE_INFINITY;
    for (let index = KEPT_APART + 1; index < left.length; index++) {
      const [one, next] = [left[index - 1]!, left[index]!];
      if (rankAt(one.from) !== rankAt(next.from) || one.messages + next.messages > messages) continue;
      [smallest, messages] = [index, one.messages + next.messages];
    }
    left.splice(smallest - 1, 2, union(left[smallest - 1]!, left[smallest]!));
  }
  return left;
}
