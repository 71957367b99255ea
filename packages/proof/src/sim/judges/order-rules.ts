import type { Admission, Claim } from '@huntaze/rate-limiter-lambda';
import { DUE_ROUNDING_MS, type LineWatch, type Place } from './line-watch.ts';

/** How a candidate stood when it asked, and its place. */
interface Asked {
  readonly id: string;
  readonly cost: number;
  readonly place: Place;
  /** When it was due, if it waited. */
  readonly dueMs: number | undefined;
  /** Whether it stood in line beyond doubt. */
  readonly stoodInLine: boolean;
}

export interface Granted extends Asked {
  readonly claim: Claim;
}

export interface Waits extends Asked {
  readonly wait: Extract<Admission, { kind: 'wait' }>;
}

/** The line when a question has been answered, and what decides who goes before whom. */
export interface Order {
  readonly line: LineWatch;
  readonly nowMs: number;
  readonly agingMs: number;
  /** Whether somebody waited all the time who claims several places: then nobody overtakes. */
  readonly isStrict: boolean;
  /** Whether free places gather, beyond doubt, for a message that needs several and was told to come first. */
  readonly isGathering: boolean;
  /** How many places there are in all. */
  readonly places: number;
  /** How many were asked about. */
  readonly candidates: number;
}

/**
 * @param unkept how many places have been free for so long that they are kept for nobody.
 * @returns why this place was not its to take, of `free` places that were left, if it was not.
 */
export function grantProblem(
  { cost, place, dueMs }: Granted,
  { line, nowMs, agingMs, isStrict, isGathering, places, candidates }: Order,
  free: number,
  unkept: number,
): string | undefined {
  if (cost <= unkept && !isGathering) return undefined;
  // Whether there was a place at all is for the rate to say.
  if (!place.isSure || cost > free) return undefined;
  const inOrder = line.claimedBefore(place, agingMs, false).least;
  if (inOrder + cost <= free) return undefined;
  const woken = dueMs !== undefined && dueMs - DUE_ROUNDING_MS <= nowMs && !isStrict;
  // Of those asked about, each may have counted as due that is now gone or told to come later.
  const mayOvertake = woken && inOrder - line.mostDue(nowMs) - candidates < places;
  const least = mayOvertake ? line.claimedBefore(place, agingMs, true).least : inOrder;
  if (least + cost <= free) return undefined;
  return `granted ${cost} of ${free} places free, ${least} of them claimed by waiters who go first`;
}

/** @returns why this candidate had to be granted, with `free` places left in the end, if it had to be. */
export function waitProblem(
  { cost, place, dueMs, stoodInLine }: Waits,
  { line, nowMs, agingMs, places }: Order,
  free: number,
): string | undefined {
  if (!place.isSure || cost > free) return undefined;
  const woken = stoodInLine && dueMs !== undefined && dueMs <= nowMs && line.costly().length === 0;
  const mayOvertake = woken && line.mostToCome(place, agingMs, nowMs) < places;
  const { most } = line.claimedBefore(place, agingMs, mayOvertake);
  if (most + cost > free) return undefined;
  return `waits for ${cost} of ${free} places free, at most ${most} of them claimed by waiters who go first`;
}

/** @returns what is wrong with the position that a waiter was told, if anything. */
export function positionProblem(
  { place, wait: { position } }: Waits,
  { line, agingMs }: Order,
): string | undefined {
  if (!place.isSure) return undefined;
  const { least, most } = line.claimedBefore(place, agingMs, false);
  if (position >= least && position <= most) return undefined;
  return `told position ${position}, expected ${least === most ? most : `${least} to ${most}`}`;
}

/**
 * @param roundingMs by how much due times may be told too early.
 * @param free how many places may be free.
 * @param keptUntilMs when one of them may be kept for nobody any more: then any message may have it that needs no more.
 * @returns whether due times do not grow with positions.
 */
export function dueProblem(
  waits: readonly Waits[],
  roundingMs: number,
  free: number,
  keptUntilMs: number,
): string | undefined {
  const last = ({ cost, wait }: Waits) => wait.position + cost;
  const inOrder = waits.toSorted((a, b) => last(a) - last(b));
  const wrong = inOrder.find(({ cost, wait }, index) => {
    const { dueAtMs } = inOrder[index - 1]?.wait ?? wait;
    const leastMs = cost <= free ? Math.min(dueAtMs, keptUntilMs) : dueAtMs;
    return wait.dueAtMs < leastMs - roundingMs;
  });
  return wrong && `${wrong.id} is due before one that goes first`;
}
