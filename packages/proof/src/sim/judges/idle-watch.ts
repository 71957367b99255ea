import type { PlacesWatch, Rules } from './places-watch.ts';

/**
 * How long a place may stay unused while a message asks for it. A waiter that goes first and does not return keeps a
 * place for a minute after its due time; and whoever had to wait for that may have been told to come back in up to a
 * minute: it is woken a little early, or late by what SQS is late, and holds what is nearly due.
 */
export const LONGEST_IDLE_MS = 120_000;

/** Since when the places of one key have been left alone. Instants by the clock of the run, in milliseconds. */
export class IdleWatch {
  #usedMs = Number.NEGATIVE_INFINITY;
  readonly #askedMs = new Map<string, number>();

  /** A place was granted, at this moment. */
  granted(nowMs: number): void {
    this.#usedMs = nowMs;
  }

  /** As when a place was granted: until now there was a reason to wait. */
  disturbed(nowMs: number): void {
    this.#usedMs = nowMs;
  }

  /**
   * A message was told to wait that asked for its place.
   * @param need so many places must be free: nobody in line needs more.
   * @param disturbedMs until when there was a reason for all to wait.
   * @returns what is wrong, if anything.
   */
  waits(
    places: PlacesWatch,
    rules: Rules,
    { need, keyMs, nowMs, disturbedMs }: { need: number; keyMs: number; nowMs: number; disturbedMs: number },
  ): string | undefined {
    // What was asked about otherwise before may have to be taken for used up, once.
    const terms = JSON.stringify([rules.limits, rules.marginMs]);
    const askedMs = this.#askedMs.get(terms) ?? nowMs;
    this.#askedMs.set(terms, askedMs);
    if (nowMs - Math.max(this.#usedMs, disturbedMs) <= LONGEST_IDLE_MS) return undefined;
    const knownMs = keyMs - (nowMs - askedMs);
    const unknownUntilMs = Math.max(knownMs, rules.unknownUntilMs ?? knownMs);
    const { least } = places.free({ ...rules, unknownUntilMs }, keyMs - LONGEST_IDLE_MS);
    if (least < need) return undefined;
    return `waits although ${least} places have been unused for ${LONGEST_IDLE_MS} ms and more`;
  }
}
