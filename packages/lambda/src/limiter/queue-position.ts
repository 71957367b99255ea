import { priorities, type Priority } from '@huntaze/rate-limiter-client/contract';

/**
 * A position in the queue is one number: the priority, then the ticket, which grows with every arrival.
 * 2^51 µs hold 71 years of tickets; three priorities fit a double exactly.
 */
export const POSITIONS_PER_PRIORITY = 2 ** 51;

/** 2020-01-01T00:00:00Z: tickets count microseconds from here. */
export const TICKET_EPOCH_US = Date.UTC(2020, 0, 1) * 1_000;

/** 0 for the most urgent. */
export function rankOf(priority: Priority): number {
  return priorities.indexOf(priority);
}

/** The position of a ticket within a priority of rank `rank`. */
export function positionOf(rank: number, ticket: number): number {
  return rank * POSITIONS_PER_PRIORITY + ticket - TICKET_EPOCH_US;
}

/** From one position up to, but not including, another. */
export type Stretch = readonly [from: number, to: number];

/**
 * The stretches of the queue that go before a position.
 *
 * Without aging: all smaller slots, hence every higher priority and the earlier of the same. With aging,
 * every rank is worth `agingUs` of waiting: whoever arrived so much earlier per rank goes first, too.
 * @param woken whether its due time has come: then none of its own priority goes before it.
 */
export function stretchesBefore(position: number, agingUs: number, woken: boolean): readonly Stretch[] {
  const own = Math.floor(position / POSITIONS_PER_PRIORITY);
  if (agingUs === 0) return [[0, woken ? own * POSITIONS_PER_PRIORITY : position]];
  return priorities.flatMap((_, rank): Stretch[] => {
    if (woken && rank >= own) return [];
    const first = rank * POSITIONS_PER_PRIORITY;
    const ticket = position - own * POSITIONS_PER_PRIORITY + (own - rank) * agingUs;
    return [[first, first + Math.min(POSITIONS_PER_PRIORITY, Math.max(0, ticket))]];
  });
}

/** Sorts slots into the order in which they go. */
export function orderOf(position: number, agingUs: number): number {
  if (agingUs === 0) return position;
  return (position % POSITIONS_PER_PRIORITY) + Math.floor(position / POSITIONS_PER_PRIORITY) * agingUs;
}
