import { priorities, type Priority } from '@huntaze/rate-limiter-client/contract';

/**
 * A place in line is one number: smaller goes first. The priority decides, then the ticket, which
 * grows with every arrival. 2^51 µs hold 71 years of tickets; three priorities fit a double exactly.
 */
export const PLACES_PER_PRIORITY = 2 ** 51;

/** 2020-01-01T00:00:00Z: tickets count microseconds from here. */
export const TICKET_EPOCH_US = Date.UTC(2020, 0, 1) * 1_000;

/** The first place of a priority. */
export function firstPlace(priority: Priority): number {
  return priorities.indexOf(priority) * PLACES_PER_PRIORITY;
}
