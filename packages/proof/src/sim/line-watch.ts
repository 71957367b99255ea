import { priorities } from '@huntaze/rate-limiter-client/contract';
import type { Candidate } from '@huntaze/rate-limiter-lambda';

export interface Place {
  readonly rank: number;
  /** Grows with every place that is given. */
  readonly number: number;
  readonly givenMs: number;
  /** Its message was admitted once: it keeps the place until it is final. */
  isKept: boolean;
  /** Whether it is beyond doubt that the limiter gave no later one instead. */
  isSure: boolean;
}

/** Who waits, by what was answered. */
interface Waiter {
  readonly place: Place;
  readonly cost: number;
  dueMs: number;
  /** Whether it is beyond doubt that it still stands in line. */
  isSure: boolean;
}

/** How many places are claimed by waiters who go first. */
export interface Claimed {
  readonly least: number;
  readonly most: number;
}

/** A waiter that does not return within this time after its due time loses its place. */
const GRACE_MS = 60_000;
/** How many of those one question removes at most. */
const MOST_FORGOTTEN = 100;
/** With aging, places are compared by when they were given: tickets may run ahead of the clock by so much. */
const TICKETS_MS = 50;
/** Due times are told in whole milliseconds, rounded up. */
export const DUE_ROUNDING_MS = 1.01;

/** The line of one key as the answers tell it: who waits, at which place, until when. Instants are by the key's clock. */
export class LineWatch {
  readonly #places = new Map<string, Place>();
  readonly #waiting = new Map<string, Waiter>();
  #given = 0;

  waiter(id: string): Readonly<Waiter> | undefined {
    return this.#waiting.get(id);
  }

  /** Whoever is long overdue has lost its place, unless it asks now. */
  forgetLost(nowMs: number, asking: ReadonlySet<string>): void {
    const untilMs = nowMs - GRACE_MS;
    const overdue = [...this.#waiting].filter(([, { dueMs }]) => dueMs - DUE_ROUNDING_MS < untilMs);
    for (const [id, waiter] of overdue) {
      if (asking.has(id)) continue;
      waiter.isSure = false;
      if (overdue.length <= MOST_FORGOTTEN && waiter.dueMs < untilMs) this.#forgetWaiter(id, waiter);
      else waiter.place.isSure &&= waiter.place.isKept;
    }
  }

  /** Whoever has no place yet gets the next one of its priority. */
  join(candidate: Candidate, nowMs: number): Place {
    const place = this.#placeOf(candidate, nowMs);
    const dueMs = this.#waiting.get(candidate.id)?.dueMs ?? nowMs;
    this.#waiting.set(candidate.id, { place, cost: candidate.cost ?? 1, dueMs, isSure: true });
    return place;
  }

  /** @returns the place that it had, or was given together with its claim. */
  leave(candidate: Candidate, nowMs: number): Place {
    const place = this.#placeOf(candidate, nowMs);
    place.isKept = true;
    this.#waiting.delete(candidate.id);
    return place;
  }

  expect(id: string, dueMs: number): void {
    this.#waiting.get(id)!.dueMs = dueMs;
  }

  /** It has no place any more, neither in line nor for its next attempt. */
  final(id: string): void {
    this.#waiting.delete(id);
    this.#places.delete(id);
  }

  /** @param woken whether those of its own priority do not count. */
  claimedBefore(place: Place, agingMs: number, woken: boolean): Claimed {
    let least = 0;
    let most = 0;
    for (const waiter of this.#waiting.values()) {
      const leadMs = leadOf(waiter.place, place, agingMs, woken);
      const isSure = waiter.isSure && waiter.place.isSure;
      if (leadMs > TICKETS_MS && isSure) least += waiter.cost;
      if (leadMs > -TICKETS_MS || (!isSure && waiter.place.rank === place.rank)) most += waiter.cost;
    }
    return { least, most };
  }

  /** Who waits and claims several places. */
  costly(): readonly string[] {
    return [...this.#waiting].flatMap(([id, { cost }]) => (cost > 1 ? [id] : []));
  }

  #forgetWaiter(id: string, { place }: Waiter): void {
    this.#waiting.delete(id);
    if (!place.isKept) this.#places.delete(id);
  }

  #placeOf({ id, priority }: Candidate, nowMs: number): Place {
    const known = this.#places.get(id);
    if (known) return known;
    const rank = priorities.indexOf(priority);
    const place = { rank, number: this.#given++, givenMs: nowMs, isKept: false, isSure: true };
    this.#places.set(id, place);
    return place;
  }
}

/** By how much one goes before another: endlessly, but for aging, which weighs a priority against waiting. */
function leadOf(one: Place, other: Place, agingMs: number, woken: boolean): number {
  if (one.rank === other.rank) return !woken && one.number < other.number ? FIRST : LAST;
  if (agingMs === 0) return one.rank < other.rank ? FIRST : LAST;
  if (woken && one.rank > other.rank) return LAST;
  return other.givenMs + (other.rank - one.rank) * agingMs - one.givenMs;
}

const FIRST = Number.POSITIVE_INFINITY;
const LAST = Number.NEGATIVE_INFINITY;
