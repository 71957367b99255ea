import { POSITIONS_PER_PRIORITY } from '../queue-position.ts';
import type { Waiter } from '../key/wait-queue.ts';
import {
  come,
  dueBefore,
  firstUs,
  missedFromUs,
  tell,
  unionOf,
  withoutOverdue,
  type DuesOfSection,
} from './dues.ts';

/** Waiters of one priority that stand next to each other. One alone is known exactly, several by their number. */
export interface Section {
  /** The positions of the first and the last that were ever in it. */
  readonly from: number;
  readonly to: number;
  /** The number of the first, as waiters of a priority are numbered when they join, and how many were ever in it. */
  readonly first: number;
  readonly ever: number;
  /** How many are left, and the slots that they claim. */
  readonly messages: number;
  readonly slots: number;
  readonly dues: DuesOfSection;
}

export function alone({ position, cost, dueUs }: Waiter, number: number): Section {
  const dues = Number.isFinite(dueUs) ? tell([], dueUs) : [];
  return { from: position, to: position, first: number, ever: 1, messages: 1, slots: cost, dues };
}

export const covers = ({ from, to }: Section, position: number): boolean =>
  from <= position && position <= to;

export const rankAt = (position: number): number => Math.floor(position / POSITIONS_PER_PRIORITY);

/** When the first of those who are left is due. */
export const firstDueUs = ({ dues }: Section): number => firstUs(dues) ?? Number.POSITIVE_INFINITY;

/** When somebody of it is due for certain. */
export const surelyDueUs = ({ dues }: Section): number => missedFromUs(dues);

/**
 * How many slots are claimed before a position: those who left are taken to have left in order. Never more than there
 * are before the first of those who are left, so that somebody is always next.
 * @param number that of the waiter who stands there, where one does that is known; 0 where it came back to its position:
 * it was next before.
 */
export function slotsBefore(section: Section, position: number, number: number | undefined): number {
  const { from, to, first, ever, messages, slots } = section;
  if (position <= from) return 0;
  if (position > to) return slots;
  const index =
    number === undefined
      ? Math.round(((position - from) / (to - from)) * (ever - 1))
      : Math.min(ever - 1, Math.max(0, number - first));
  return slotsOf(section, Math.min(messages - 1, Math.max(0, index - (ever - messages))));
}

/** How many slots are claimed by those who were due before an instant. */
export const slotsDueBefore = (section: Section, untilUs: number): number =>
  slotsOf(section, dueBefore(section.dues, untilUs));

const slotsOf = ({ messages, slots }: Section, some: number): number =>
  slots === messages ? some : Math.round((some * slots) / messages);

/** With one more, who stands between the others. */
export function joinedBy(section: Section, { cost, dueUs }: Pick<Waiter, 'cost' | 'dueUs'>): Section {
  const { ever, messages, slots } = section;
  const joined = { ...section, ever: ever + 1, messages: messages + 1, slots: slots + cost };
  return Number.isFinite(dueUs) ? { ...joined, dues: tell(joined.dues, dueUs) } : joined;
}

/** One of them, who was due at one time, is now due at another. */
export const dueAgain = (section: Section, wasDueUs: number, dueUs: number): Section => ({
  ...section,
  dues: tell(come(section.dues, wasDueUs), dueUs),
});

/** Without one of them; undefined when it was the last. */
export function leftBy(
  section: Section,
  { cost, dueUs }: Pick<Waiter, 'cost' | 'dueUs'>,
): Section | undefined {
  const messages = section.messages - 1;
  if (messages === 0) return undefined;
  const slots = Math.max(messages, section.slots - cost);
  return { ...section, messages, slots, dues: come(section.dues, dueUs) };
}

/** Without those who were due before an instant and did not come, but with those who ask now. */
export function withoutLost(
  section: Section,
  untilUs: number,
  asking: readonly Waiter[],
): Section | undefined {
  if (surelyDueUs(section) >= untilUs) return section;
  const late = asking.filter(({ dueUs }) => dueUs < untilUs);
  const dues = late.reduce((left, { dueUs }) => tell(left, dueUs), withoutOverdue(section.dues, untilUs));
  const messages = dues.reduce((sum, { left }) => sum + left, 0);
  if (messages === 0) return undefined;
  const slots = messages === section.messages ? section.slots : slotsOf(section, messages);
  return { ...section, messages, slots: Math.max(messages, slots), dues };
}

/** One section of two neighbours. Where numbers are missing between them, those of the second stay right. */
export function union(one: Section, next: Section): Section {
  return {
    from: one.from,
    to: next.to,
    first: Math.max(one.first, next.first - one.ever),
    ever: one.ever + next.ever,
    messages: one.messages + next.messages,
    slots: one.slots + next.slots,
    dues: unionOf(one.dues, next.dues),
  };
}
