import { memoryMs } from '../scenario/terms.ts';
import type { PlacesWatch, Rules } from './places-watch.ts';

/**
 * How long a place may stay unused after a message has asked for it. A waiter that goes first and does not return keeps a
 * place for a minute after its due time; and whoever had to wait for that may have been told to come back in up to a
 * minute: it is woken a little early, or late by what SQS is late, and holds what is nearly due. Besides, a due time that
 * was told may be late by a window, the longest that anybody asks about: what was taken for used up then may never have
 * been sent.
 */
const LONGEST_IDLE_MS = 120_000;

/** What a question met when it was decided. Instants in milliseconds. */
interface Moment {
  /** By the clock of the key. */
  readonly keyMs: number;
  /** By the clock of the run. */
  readonly nowMs: number;
  /**
   * While a message waits that claims several places, free places are kept for those who go first, however long they may
   * sleep: for so long they may, at most. 0 while none waits.
   */
  readonly keptForMs: number;
}

/** Since when a place of one key stays unused that was asked for. Instants by the clock of the run, in milliseconds. */
export class IdleWatch {
  #sinceMs: number | undefined;
  /** For how much longer it may, as was known when a message was first seen to wait that claims several places. */
  #keptForMs = 0;
  readonly #askedMs = new Map<string, number>();
  /** Who asked for it since, and may still come back. */
  readonly #asking = new Set<string>();
  #longestMemoryMs = 0;

  /**
   * A place was granted. Somebody had waited for it if it was free before.
   * @returns what is wrong, if anything.
   */
  granted(nowMs: number): string | undefined {
    const problem = this.#problem(nowMs);
    this.disturbed();
    return problem;
  }

  /** Until now there was a reason for all to wait. */
  disturbed(): void {
    this.#sinceMs = undefined;
    this.#keptForMs = 0;
    this.#asking.clear();
  }

  /** The queue has this message no more: when nobody is left who asked, nobody waits for the place. */
  left(id: string): void {
    if (this.#asking.delete(id) && this.#asking.size === 0) this.disturbed();
  }

  /**
   * These messages were told to wait, and nobody was granted anything.
   * @param need so many places must be free: nobody in line needs more.
   * @returns what is wrong, if anything.
   */
  waits(
    ids: readonly string[],
    places: PlacesWatch,
    rules: Rules,
    need: number,
    { keyMs, nowMs, keptForMs }: Moment,
  ): string | undefined {
    // What was asked about otherwise before may have to be taken for used up, once.
    const terms = JSON.stringify([rules.limits, rules.marginMs]);
    const askedMs = this.#askedMs.get(terms) ?? nowMs;
    this.#askedMs.set(terms, askedMs);
    const knownMs = keyMs - (nowMs - askedMs);
    const unknownUntilMs = Math.max(knownMs, rules.unknownUntilMs ?? knownMs);
    const { least } = places.free({ ...rules, unknownUntilMs }, keyMs);
    this.#longestMemoryMs = Math.max(this.#longestMemoryMs, memoryMs(rules.limits) + rules.marginMs);
    if (least < need) return undefined;
    this.#sinceMs ??= nowMs;
    for (const id of ids) this.#asking.add(id);
    if (this.#keptForMs === 0) this.#keptForMs = keptForMs;
    return this.#problem(nowMs);
  }

  #problem(nowMs: number): string | undefined {
    const idleMs = nowMs - (this.#sinceMs ?? nowMs);
    const longestMs = LONGEST_IDLE_MS + this.#longestMemoryMs + this.#keptForMs;
    return idleMs > longestMs
      ? `a place was asked for and stayed unused for ${Math.round(idleMs)} ms`
      : undefined;
  }
}
