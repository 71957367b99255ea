import { priorities } from '@huntaze/rate-limiter-client/contract';
import type { Candidate } from '@huntaze/rate-limiter-lambda';
import { SortedList } from './sorted-list.ts';
import { SortedWaiters } from './sorted-waiters.ts';

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
  readonly id: string;
  readonly place: Place;
  readonly cost: number;
  readonly dueMs: number;
  /** Whether it is beyond doubt that it was told its turn, and not until when a free place is kept for others. */
  readonly isTurn: boolean;
  /** Whether it is beyond doubt that it still stands in line. */
  isSure: boolean;
}

/** How many places are claimed by waiters who go first. */
export interface Claimed {
  readonly least: number;
  readonly most: number;
}

/** A waiter that does not return within this time after its due time loses its place; a place that is free for as long is kept for nobody. */
export const GRACE_MS = 60_000;
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
  readonly #byDue = new SortedList<Waiter>(({ dueMs }) => dueMs);
  /** Of each priority, those that stand in line beyond doubt. */
  readonly #sure = priorities.map(() => new SortedWaiters<Waiter>());
  readonly #unsure = new Set<Waiter>();
  readonly #costly = new Set<string>();
  #given = 0;
  /** When somebody last asked whose turn had been told: beyond doubt, and for all that is known. */
  #cameMs = { surely: Number.NEGATIVE_INFINITY, perhaps: Number.NEGATIVE_INFINITY };
  /** When nobody can be expected any more who stood in line at the last question, at the earliest and at the latest. */
  #linedUntilMs = { earliest: Number.NEGATIVE_INFINITY, latest: Number.NEGATIVE_INFINITY };

  waiter(id: string): Readonly<Waiter> | undefined {
    return this.#waiting.get(id);
  }

  /** A question comes: a line whose head did not come is given up, and whoever is long overdue has lost its place, unless it asks now. */
  asked(nowMs: number, asking: ReadonlySet<string>): void {
    if (nowMs >= this.#linedUntilMs.latest) this.#clear();
    else if (nowMs >= this.#linedUntilMs.earliest) this.#doubt();
    for (const id of asking) {
      const waiter = this.#waiting.get(id);
      if (!waiter) continue;
      this.#cameMs.perhaps = nowMs;
      if (waiter.isSure && waiter.isTurn) this.#cameMs.surely = nowMs;
    }
    this.#forgetLost(nowMs, asking);
  }

  #forgetLost(nowMs: number, asking: ReadonlySet<string>): void {
    const untilMs = nowMs - GRACE_MS;
    const end = this.#byDue.firstIndex(({ dueMs }) => dueMs - DUE_ROUNDING_MS >= untilMs);
    const overdue = this.#byDue.items.slice(0, end);
    if (overdue.length === 0) return;
    const surelyLost = overdue.find(({ dueMs, isSure }) => isSure && dueMs < untilMs);
    // The limiter looks at the one that has been overdue for longest.
    if (surelyLost && this.#cameMs.perhaps < overdue[0]!.dueMs - DUE_ROUNDING_MS) return this.#clear();
    const lastHeadMs = surelyLost?.dueMs ?? Number.POSITIVE_INFINITY;
    const mayBeHead = (dueMs: number) => dueMs - DUE_ROUNDING_MS <= lastHeadMs;
    if (overdue.some(({ dueMs }) => mayBeHead(dueMs) && this.#cameMs.surely < dueMs + DUE_ROUNDING_MS))
      this.#doubt();
    for (const waiter of overdue) {
      if (asking.has(waiter.id)) continue;
      this.#unfile(waiter);
      waiter.isSure = false;
      this.#file(waiter);
      if (overdue.length <= MOST_FORGOTTEN && waiter.dueMs < untilMs) this.#forgetWaiter(waiter);
      else waiter.place.isSure &&= waiter.place.isKept;
    }
  }

  /** Nobody stands in line any more. */
  #clear(): void {
    for (const waiter of this.#waiting.values()) this.#forgetWaiter(waiter);
  }

  /** The line may have been given up: whoever comes may have to line up anew. */
  #doubt(): void {
    for (const waiter of this.#waiting.values()) {
      this.#unfile(waiter);
      waiter.isSure = false;
      waiter.place.isSure &&= waiter.place.isKept;
      this.#file(waiter);
    }
  }

  /** The question is answered: so long is the line kept, if nobody asks again. */
  answered(nowMs: number): void {
    const last = this.#byDue.items.at(-1);
    const lastSure = this.#byDue.items.findLast(({ isSure }) => isSure);
    this.#linedUntilMs = {
      earliest: Math.max(nowMs, (lastSure?.dueMs ?? nowMs) - DUE_ROUNDING_MS) + 2 * GRACE_MS,
      latest: Math.max(nowMs, last?.dueMs ?? nowMs) + 2 * GRACE_MS,
    };
  }

  /** Whoever has no place yet gets the next one of its priority. */
  join(candidate: Candidate, nowMs: number): Place {
    const { id, cost = 1 } = candidate;
    const place = this.#placeOf(candidate, nowMs);
    const dueMs = this.#waiting.get(id)?.dueMs ?? Number.POSITIVE_INFINITY;
    this.#leave(id);
    this.#enter({ id, place, cost, dueMs, isTurn: false, isSure: true });
    return place;
  }

  /** @returns the place that it had, or was given together with its claim. */
  leave(candidate: Candidate, nowMs: number): Place {
    const place = this.#placeOf(candidate, nowMs);
    place.isKept = true;
    this.#leave(candidate.id);
    return place;
  }

  expect(id: string, dueMs: number, isTurn: boolean): void {
    const waiter = this.#waiting.get(id)!;
    this.#leave(id);
    this.#enter({ ...waiter, dueMs, isTurn });
  }

  /** It has no place any more, neither in line nor for its next attempt. */
  final(id: string): void {
    this.#leave(id);
    this.#places.delete(id);
  }

  /** @param woken whether those of its own priority do not count. */
  claimedBefore(place: Place, agingMs: number, woken: boolean): Claimed {
    const leadMs = (waiter: Waiter) => leadOf(waiter.place, place, agingMs, woken);
    let least = 0;
    let most = 0;
    for (const waiters of this.#sure) {
      least += waiters.claimedWhile((waiter) => leadMs(waiter) > TICKETS_MS);
      most += waiters.claimedWhile((waiter) => leadMs(waiter) > -TICKETS_MS);
    }
    for (const waiter of this.#unsure)
      if (leadMs(waiter) > -TICKETS_MS || waiter.place.rank === place.rank) most += waiter.cost;
    return { least, most };
  }

  /** How many waiters are due, or may be for all that is known. */
  mostDue(nowMs: number): number {
    return this.#byDue.firstIndex(({ dueMs }) => dueMs - DUE_ROUNDING_MS > nowMs);
  }

  /** How many places are claimed at most by waiters who go before a place and have yet to be woken. */
  mostToCome(place: Place, agingMs: number, nowMs: number): number {
    let claimed = 0;
    for (const waiter of this.#waiting.values()) {
      const mayGoFirst =
        leadOf(waiter.place, place, agingMs, false) > -TICKETS_MS ||
        (this.#unsure.has(waiter) && waiter.place.rank === place.rank);
      if (waiter.dueMs > nowMs && mayGoFirst) claimed += waiter.cost;
    }
    return claimed;
  }

  /** Who was told to come first, and needs several places, if that is beyond doubt. `others` were told to come at these instants. */
  costlyHead(others: readonly (number | undefined)[]): string | undefined {
    const told = others.map((dueMs) => dueMs ?? Number.POSITIVE_INFINITY);
    for (const id of this.#costly) {
      const { dueMs, isSure } = this.#waiting.get(id)!;
      if (isSure && dueMs < Math.min(...told, this.#firstDueBesides(id)) - DUE_ROUNDING_MS) return id;
    }
    return undefined;
  }

  /** When the first one is due that stands in line beyond doubt, and was told when. */
  firstSurelyDueMs(): number {
    return this.#byDue.items.find(({ isSure }) => isSure)?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  /** When the last one is due, for all that is known. */
  lastDueMs(): number {
    const last = this.#byDue.items.findLast(({ dueMs }) => Number.isFinite(dueMs));
    return last?.dueMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Who waits and claims several places. */
  costly(): readonly string[] {
    return [...this.#costly];
  }

  /** When the first one is due, of all but one. */
  #firstDueBesides(besides: string): number {
    return this.#byDue.items.find(({ id }) => id !== besides)?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  #leave(id: string): void {
    const waiter = this.#waiting.get(id);
    if (!waiter) return;
    this.#unfile(waiter);
    this.#byDue.remove(waiter);
    this.#waiting.delete(id);
    this.#costly.delete(id);
  }

  #enter(waiter: Waiter): void {
    this.#waiting.set(waiter.id, waiter);
    this.#byDue.add(waiter);
    if (waiter.cost > 1) this.#costly.add(waiter.id);
    this.#file(waiter);
  }

  #file(waiter: Waiter): void {
    if (waiter.isSure && waiter.place.isSure) this.#sure[waiter.place.rank]!.add(waiter);
    else this.#unsure.add(waiter);
  }

  #unfile(waiter: Waiter): void {
    if (!this.#unsure.delete(waiter)) this.#sure[waiter.place.rank]!.remove(waiter);
  }

  #forgetWaiter({ id, place }: Waiter): void {
    this.#leave(id);
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
