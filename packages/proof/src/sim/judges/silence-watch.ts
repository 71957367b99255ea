/** Instants are added up along different ways: nearer than this they are the same. */
const ROUNDING_MS = 0.01;
/** So long a process waits for any answer. */
const SURELY_HEARD_MS = 200;
/** A process that decides alone asks again so often. */
const ASKED_EVERY_MS = 5_000;

/** One question about a key, until its process hears what came of it. */
export interface Question {
  answered(): void;
  refused(): void;
}

/**
 * What one process hears of the limiter about one key: since when there was no answer, and when it asked last. A
 * question without an answer in time counts as refused.
 */
export class SilenceWatch {
  #sinceMs: number | undefined;
  #refusedAtMs = 0;
  readonly #open = new Set<number>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  asks(nowMs: () => number): Question {
    const askedMs = nowMs();
    const close = (then: () => void) => () => {
      this.#giveUp(nowMs());
      if (this.#open.delete(askedMs)) then();
    };
    this.#open.add(askedMs);
    return {
      answered: close(() => {
        // Whether its process still waited for a late answer nobody sees.
        if (nowMs() - askedMs < SURELY_HEARD_MS) this.#sinceMs = undefined;
        else this.#refused(askedMs, nowMs());
      }),
      refused: close(() => this.#refused(askedMs, nowMs())),
    };
  }

  /** @returns what is wrong with deciding alone now, if anything. */
  alone(nowMs: number, silentMs: number, isPunctual: boolean): string | undefined {
    this.#giveUp(nowMs);
    if (this.#sinceMs === undefined) return 'decided alone although the limiter had answered';
    if (nowMs - this.#sinceMs < silentMs - ROUNDING_MS)
      return `decided alone after ${Math.round(nowMs - this.#sinceMs)} ms of silence, expected ${silentMs}`;
    // A process need not wait for an answer as long as one may take.
    const askedMs = Math.max(this.#refusedAtMs, ...this.#open);
    if (isPunctual && nowMs - askedMs > ASKED_EVERY_MS + ROUNDING_MS)
      return `decided alone ${Math.round(nowMs - askedMs)} ms after it had last asked the limiter`;
    return undefined;
  }

  /** Since a question that has no answer was asked, nothing was granted that its process knows of. */
  #refused(askedMs: number, atMs: number): void {
    this.#sinceMs ??= askedMs;
    this.#refusedAtMs = Math.max(this.#refusedAtMs, atMs);
  }

  #giveUp(nowMs: number): void {
    for (const askedMs of [...this.#open].toSorted((a, b) => a - b)) {
      const overMs = askedMs + this.#timeoutMs;
      if (overMs <= nowMs && this.#open.delete(askedMs)) this.#refused(askedMs, overMs);
    }
  }
}
