import type { Waiter, WaitQueue } from '../key/wait-queue.ts';
import { WAITER_GRACE_MS } from '../limiter.ts';
import { US_PER_MS } from '../limits/rules.ts';
import { POSITIONS_PER_PRIORITY } from '../queue-position.ts';

const GRACE_US = WAITER_GRACE_MS * US_PER_MS;

/** Beyond so many stretches, neighbours are joined: a state is no larger for a long queue. */
export const MAX_STRETCHES = 24;

/** Waiters of one priority that stand next to each other: alone, it is known exactly; of several, their number. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  /** The position of the waiter that left it last, or was furthest of those: those behind it are left. */
  readonly leftAt: number;
  readonly messages: number;
  readonly slots: number;
  /** The due times of those who are left lie between these. */
  readonly dueFromUs: number;
  readonly dueToUs: number;
}

/** What a {@link CoarseWaitQueue} is made from again, beside its waiters. */
export interface CoarseWaitQueueForm {
  readonly stretches: readonly StretchForm[];
  readonly cameUs: number;
  readonly expectedUntilUs: number;
  /** Which queue it is: one that was given up has a new number. */
  readonly number: number;
}

type StretchForm = readonly [
  from: number,
  to: number,
  leftAt: number,
  messages: number,
  slots: number,
  dueFromUs: number,
  dueToUs: number,
];

const EMPTY: CoarseWaitQueueForm = { stretches: [], cameUs: 0, expectedUntilUs: 0, number: 0 };

/**
 * A queue of bounded size, however many wait: who asks brings its own position and due time with it, of all others only
 * the numbers per stretch are known. Up to {@link MAX_STRETCHES} waiters are known exactly; beyond, positions, and so due
 * times, are about right, between neighbours that wait for nearly the same time.
 */
export class CoarseWaitQueue implements WaitQueue {
  #stretches: Stretch[];
  readonly #waiters: Map<string, Waiter>;
  #cameUs: number;
  #expectedUntilUs: number;
  #number: number;

  /** @param waitersOf those of this queue number who ask now. */
  constructor(
    waitersOf: (queueNumber: number) => ReadonlyMap<string, Waiter>,
    { stretches, cameUs, expectedUntilUs, number }: CoarseWaitQueueForm = EMPTY,
  ) {
    this.#stretches = stretches.map(([from, to, leftAt, messages, slots, dueFromUs, dueToUs]) => ({
      from,
      to,
      leftAt,
      messages,
      slots,
      dueFromUs,
      dueToUs,
    }));
    this.#waiters = new Map(waitersOf(number));
    this.#cameUs = cameUs;
    this.#expectedUntilUs = expectedUntilUs;
    this.#number = number;
  }

  get form(): CoarseWaitQueueForm {
    return {
      stretches: joined(this.#stretches).map((one): StretchForm => {
        const { from, to, leftAt, messages, slots, dueFromUs, dueToUs } = one;
        return [from, to, leftAt, messages, slots, dueFromUs, dueToUs];
      }),
      cameUs: this.#cameUs,
      expectedUntilUs: this.#expectedUntilUs,
      number: this.#number,
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
    const firstDueUs = this.head?.dueUs ?? Number.POSITIVE_INFINITY;
    if (firstDueUs < lostBeforeUs && this.#cameUs < firstDueUs) return this.#clear();
    this.#stretches = this.#stretches.flatMap((stretch) => {
      if (stretch.dueFromUs >= lostBeforeUs) return [stretch];
      const here = asking.filter(({ position }) => covers(stretch, position));
      return withoutLost(stretch, lostBeforeUs, here) ?? [];
    });
  }

  find(id: string): Waiter | undefined {
    return this.#waiters.get(id);
  }

  claimed(from: number, to: number): number {
    return Math.max(
      0,
      this.#stretches.reduce((sum, one) => sum + slotsBefore(one, to) - slotsBefore(one, from), 0),
    );
  }

  add(waiter: Waiter): void {
    this.#waiters.set(waiter.id, waiter);
    const { position, cost, dueUs } = waiter;
    const index = this.#indexAt(position);
    if (index !== -1) {
      const { messages, slots, ...rest } = this.#stretches[index]!;
      this.#stretches[index] = { ...rest, messages: messages + 1, slots: slots + cost };
      return;
    }
    const alone = { from: position, to: position, leftAt: 0, messages: 1, slots: cost };
    const before = this.#stretches.filter((one) => one.from < position).length;
    this.#stretches.splice(before, 0, { ...alone, dueFromUs: dueUs, dueToUs: dueUs });
  }

  expect(id: string, dueUs: number, isTurn: boolean): void {
    const waiter = this.#waiters.get(id)!;
    const index = this.#indexAt(waiter.position);
    if (index === -1) this.add({ ...waiter, dueUs, isTurn });
    else {
      this.#waiters.set(id, { ...waiter, dueUs, isTurn });
      const stretch = this.#stretches[index]!;
      this.#stretches[index] =
        stretch.messages === 1
          ? { ...stretch, dueFromUs: dueUs, dueToUs: dueUs }
          : {
              ...stretch,
              dueFromUs: Math.min(cameTo(stretch, waiter.dueUs), dueUs),
              dueToUs: Math.max(stretch.dueToUs, dueUs),
            };
    }
  }

  remove(id: string): void {
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    this.#waiters.delete(id);
    const { position, cost, dueUs } = waiter;
    const index = this.#indexAt(position);
    const stretch = this.#stretches[index];
    if (!stretch) return;
    const { messages, slots, leftAt } = stretch;
    if (messages <= 1) this.#stretches.splice(index, 1);
    else {
      this.#stretches[index] = {
        ...stretch,
        messages: messages - 1,
        slots: Math.max(messages - 1, slots - cost),
        leftAt: Math.max(leftAt, position),
        dueFromUs: cameTo(stretch, dueUs),
      };
    }
  }

  dueBefore(untilUs: number): number {
    return this.#stretches.reduce((sum, one) => sum + messagesDueBefore(one, untilUs), 0);
  }

  get head(): Pick<Waiter, 'dueUs' | 'cost'> | undefined {
    const first = this.#stretches.reduce<Stretch | undefined>(
      (least, one) => (least === undefined || one.dueFromUs < least.dueFromUs ? one : least),
      undefined,
    );
    return first && { dueUs: first.dueFromUs, cost: Math.ceil(first.slots / first.messages) };
  }

  get lastDueUs(): number | undefined {
    return this.#stretches.length === 0
      ? undefined
      : Math.max(...this.#stretches.map(({ dueToUs }) => dueToUs));
  }

  get length(): number {
    return this.#stretches.reduce((sum, { messages }) => sum + messages, 0);
  }

  get hasCostly(): boolean {
    return this.#stretches.some(({ messages, slots }) => slots > messages);
  }

  /** Whoever comes so late that its stretch was given up has lost its position. */
  #missLate(lostBeforeUs: number): void {
    for (const [id, { position, dueUs }] of this.#waiters) {
      if (dueUs < lostBeforeUs && this.#indexAt(position) === -1) this.#waiters.delete(id);
    }
  }

  #clear(): void {
    if (this.#stretches.length === 0 && this.#waiters.size === 0) return;
    this.#stretches = [];
    this.#waiters.clear();
    this.#number++;
  }

  #indexAt(position: number): number {
    return this.#stretches.findIndex((one) => covers(one, position));
  }
}

const covers = ({ from, to }: Stretch, position: number) => from <= position && position <= to;

const rankAt = ({ from }: Stretch) => Math.floor(from / POSITIONS_PER_PRIORITY);

/** A waiter with this due time has come: those who are left are due no sooner, if they come in order. */
const cameTo = ({ dueFromUs, dueToUs }: Stretch, dueUs: number) =>
  Math.max(dueFromUs, Math.min(dueUs, dueToUs));

/** How many slots are claimed before a position: of a stretch around it, as if those in it stood evenly. */
function slotsBefore({ from, to, leftAt, messages, slots }: Stretch, position: number): number {
  if (position <= from || position <= leftAt) return 0;
  if (position > to) return slots;
  const begin = Math.max(from, leftAt);
  const share = begin < to ? (position - begin) / (to - begin) : 1;
  const before = Math.min(messages - 1, Math.floor(1 + (messages - 2) * share));
  return Math.round((Math.max(0, before) * slots) / messages);
}

function messagesDueBefore({ messages, dueFromUs, dueToUs }: Stretch, untilUs: number): number {
  if (untilUs <= dueFromUs) return 0;
  if (untilUs > dueToUs) return messages;
  return Math.max(1, Math.floor((messages * (untilUs - dueFromUs)) / (dueToUs - dueFromUs)));
}

/** Those who were due long ago and did not come are lost; but not those who ask now. */
function withoutLost(
  stretch: Stretch,
  lostBeforeUs: number,
  asking: readonly Waiter[],
): Stretch | undefined {
  const { messages, slots, dueFromUs, dueToUs } = stretch;
  const here = { messages: asking.length, slots: asking.reduce((sum, { cost }) => sum + cost, 0) };
  if (dueToUs < lostBeforeUs) {
    return here.messages === 0 ? undefined : { ...stretch, ...here };
  }
  const share = (dueToUs - lostBeforeUs) / (dueToUs - dueFromUs);
  return {
    ...stretch,
    messages: Math.max(here.messages, Math.ceil(messages * share)),
    slots: Math.max(here.slots, Math.ceil(slots * share)),
    dueFromUs: lostBeforeUs,
  };
}

/** Joins neighbours of one priority, the smallest first, until there are few enough stretches. */
function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const left = [...stretches];
  while (left.length > MAX_STRETCHES) {
    let smallest = -1;
    let messages = Number.POSITIVE_INFINITY;
    for (let index = 1; index < left.length; index++) {
      const [one, next] = [left[index - 1]!, left[index]!];
      if (rankAt(one) !== rankAt(next) || one.messages + next.messages > messages) continue;
      [smallest, messages] = [index, one.messages + next.messages];
    }
    if (smallest === -1) return left;
    left.splice(smallest - 1, 2, union(left[smallest - 1]!, left[smallest]!));
  }
  return left;
}

function union(one: Stretch, next: Stretch): Stretch {
  return {
    from: one.from,
    to: next.to,
    leftAt: one.leftAt,
    messages: one.messages + next.messages,
    slots: one.slots + next.slots,
    dueFromUs: Math.min(one.dueFromUs, next.dueFromUs),
    dueToUs: Math.max(one.dueToUs, next.dueToUs),
  };
}
