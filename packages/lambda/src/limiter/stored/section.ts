import { POSITIONS_PER_PRIORITY } from '../queue-position.ts';
import type { Waiter } from '../key/wait-queue.ts';

/**
 * Waiters of one priority that stand next to each other. One alone is known exactly. Several are known by their number:
 * they are taken to stand and to be due evenly, and to leave in order.
 */
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
  /** How many due times they were told, and the earliest and the latest of these. */
  readonly told: number;
  readonly dueFromUs: number;
  readonly dueToUs: number;
}

export function alone({ position, cost, dueUs }: Waiter, number: number): Section {
  return {
    from: position,
    to: position,
    first: number,
    ever: 1,
    messages: 1,
    slots: cost,
    told: 1,
    dueFromUs: dueUs,
    dueToUs: dueUs,
  };
}

export const covers = ({ from, to }: Section, position: number): boolean =>
  from <= position && position <= to;

export const rankAt = (position: number): number => Math.floor(position / POSITIONS_PER_PRIORITY);

const gone = ({ ever, messages }: Section): number => ever - messages;

/** When the first of those who are left is due. */
export function firstDueUs(section: Section): number {
  const { told, messages, dueFromUs, dueToUs } = section;
  // Also for one that was told no time yet.
  if (dueFromUs === dueToUs) return dueFromUs;
  return dueFromUs + Math.floor(((told - messages) / told) * (dueToUs - dueFromUs));
}

/**
 * How many slots are claimed before a position.
 * @param number that of the waiter who stands there, where one does that is known.
 */
export function slotsBefore(section: Section, position: number, number: number | undefined): number {
  const { from, to, first, ever, messages, slots } = section;
  if (position <= from) return 0;
  if (position > to) return slots;
  const index =
    number === undefined
      ? Math.round(((position - from) / (to - from)) * (ever - 1))
      : Math.min(ever - 1, Math.max(0, number - first));
  return slotsOf(section, Math.min(messages - 1, Math.max(0, index - gone(section))));
}

/** How many slots are claimed by those who were due before an instant. */
export function slotsDueBefore(section: Section, untilUs: number): number {
  const { told, messages, slots, dueFromUs, dueToUs } = section;
  if (untilUs <= dueFromUs) return 0;
  if (untilUs > dueToUs) return slots;
  const index = Math.floor(((untilUs - dueFromUs) / (dueToUs - dueFromUs)) * (told - 1)) + 1;
  return slotsOf(section, Math.min(messages, Math.max(0, index - (told - messages))));
}

const slotsOf = ({ messages, slots }: Section, some: number): number =>
  slots === messages ? some : Math.round((some * slots) / messages);

/** With one more, who stands between the others. */
export function joinedBy(section: Section, { cost, dueUs }: Pick<Waiter, 'cost' | 'dueUs'>): Section {
  const { ever, messages, slots } = section;
  const joined = { ...section, ever: ever + 1, messages: messages + 1, slots: slots + cost };
  return toldDue(joined, dueUs);
}

/** One of them was told another due time. */
export function toldDue(section: Section, dueUs: number): Section {
  if (section.ever === 1) return { ...section, dueFromUs: dueUs, dueToUs: dueUs };
  if (!Number.isFinite(dueUs)) return section;
  const { told, dueFromUs, dueToUs } = section;
  return {
    ...section,
    told: told + 1,
    dueFromUs: Math.min(dueFromUs, dueUs),
    dueToUs: Math.max(dueToUs, dueUs),
  };
}

/** Without one of them; undefined when it was the last. */
export function leftBy(section: Section, { cost }: Pick<Waiter, 'cost'>): Section | undefined {
  const messages = section.messages - 1;
  return messages === 0
    ? undefined
    : { ...section, messages, slots: Math.max(messages, section.slots - cost) };
}

/** Without those who were due before an instant, but with those who ask now. */
export function withoutLost(
  section: Section,
  untilUs: number,
  asking: readonly Waiter[],
): Section | undefined {
  if (firstDueUs(section) >= untilUs) return section;
  const { messages, slots } = section;
  const here = asking.reduce((sum, { cost }) => sum + cost, 0);
  const left = Math.max(here, slots - slotsDueBefore(section, untilUs));
  if (left === 0) return undefined;
  const share = Math.ceil((messages * left) / slots);
  return { ...section, messages: Math.min(left, Math.max(asking.length, share)), slots: left };
}

/** One section of two neighbours. */
export function union(one: Section, next: Section): Section {
  return {
    from: one.from,
    to: next.to,
    first: one.first,
    ever: one.ever + next.ever,
    messages: one.messages + next.messages,
    slots: one.slots + next.slots,
    told: one.told + next.told,
    dueFromUs: Math.min(one.dueFromUs, next.dueFromUs),
    dueToUs: Math.max(one.dueToUs, next.dueToUs),
  };
}
