import type { Priority } from '@huntaze/rate-limiter-client/contract';

/** One message as it came to the handler or went out of it. */
export interface Sighting {
  readonly id: string;
  readonly priority: Priority;
}

/** How long the urgent half of a backlog waited, beside the least that was possible. */
export interface HighMedian {
  /** Over what one could reach who knows the whole backlog before sending the first message. */
  readonly overClairvoyant: number;
  /** Over what one could reach who knows only what it was handed, and leaves no free place unused. */
  readonly overIdeal: number;
}

interface Pace {
  readonly limit: number;
  readonly windowMs: number;
}

/** When the last of `messages` can be sent at the earliest: whole bursts, one window apart. */
export function idealLastMs(messages: number, { limit, windowMs }: Pace): number {
  return Math.floor((messages - 1) / limit) * windowMs;
}

/**
 * The first burst goes to those who are handed over first, since nobody knows of more urgent ones yet; from then on
 * the urgent ones go before all others.
 * @param handed all messages, in the order in which they were first handed over.
 * @returns when half of the urgent ones can be gone at the earliest.
 */
export function idealMedianMs(handed: readonly Sighting[], { limit, windowMs }: Pace): number {
  const inFirstBurst = handed.slice(0, limit).filter(isHigh).length;
  const later = medianOf(handed.filter(isHigh).length) - inFirstBurst;
  return later < 0 ? 0 : (1 + Math.floor(later / limit)) * windowMs;
}

/** As {@link idealMedianMs}, for whoever knows all from the start: the urgent ones are the first burst, too. */
export function clairvoyantMedianMs(handed: readonly Sighting[], { limit, windowMs }: Pace): number {
  return Math.floor(medianOf(handed.filter(isHigh).length) / limit) * windowMs;
}

/** Undefined when there were no urgent ones; endless when half of them never arrived. */
export function highMedian(
  handed: readonly Sighting[],
  arrivals: readonly (Sighting & { readonly atMs: number })[],
  pace: Pace,
): HighMedian | undefined {
  const highs = handed.filter(isHigh).length;
  if (highs === 0) return undefined;
  const waits = arrivals.filter(isHigh).map(({ atMs }) => atMs);
  const medianMs = waits.toSorted((a, b) => a - b)[medianOf(highs)] ?? Number.POSITIVE_INFINITY;
  return {
    overClairvoyant: medianMs / clairvoyantMedianMs(handed, pace),
    overIdeal: medianMs / idealMedianMs(handed, pace),
  };
}

/** Which of so many, counted from 0, is the one in the middle. */
function medianOf(count: number): number {
  return count >> 1;
}

function isHigh({ priority }: Sighting): boolean {
  return priority === 'high';
}
