/** Instants are added up along different ways: nearer than this they are the same. */
const ROUNDING_MS = 0.01;
/** So long a process waits for any answer. */
const SURELY_HEARD_MS = 200;
/** A process that decides alone asks again so often. */
const ASKED_EVERY_MS = 5_000;

/** One call about a key, until its process hears what came of it. */
export interface Question {
  answered(): void;
  refused(): void;
}

interface Open {
  readonly askedMs: number;
  /** Whether it asks for places: an outcome and a renewal do not, although their answers end a silence as well. */
  readonly isAdmit: boolean;
}

/**
 * What one process hears of the limiter about one key: since when there was no answer, and when it asked last. A
 * call without an answer in time counts as refused.
 */
export class SilenceWatch {
  #sinceMs: number | undefined;
  #refusedAtMs = 0;
  readonly #open = new Set<Open>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  asks(nowMs: () => number, isAdmit: boolean): Question {
    const open = { askedMs: nowMs(), isAdmit };
    const close = (then: () => void) => () => {
      this.#giveUp(nowMs());
      if (this.#open.delete(open)) then();
    };
    this.#open.add(open);
    return {
      answered: close(() => {
        // Whether its process still waited for a late answer nobody sees.
        if (nowMs() - open.askedMs < SURELY_HEARD_MS) this.#sinceMs = undefined;
        else this.#refused(open, nowMs());
      }),
      refused: close(() => this.#refused(open, nowMs())),
    };
  }

  /** @returns what is wrong with deciding alone now, if anything. */
  alone(nowMs: number, silentMs: number, isPunctual: boolean): string | undefined {
    this.#giveUp(nowMs);
    if (this.#sinceMs === undefined) return 'decided alone although the limiter had answered';
    if (nowMs - this.#sinceMs < silentMs - ROUNDING_MS)
      return `decided alone after ${Math.round(nowMs - this.#sinceMs)} ms of silence, expected ${silentMs}`;
    // A process need not wait for an answer as long as one may take.
    const underWay = [...this.#open].flatMap(({ askedMs, isAdmit }) => (isAdmit ? [askedMs] : []));
    const askedMs = Math.max(this.#refusedAtMs, ...underWay);
    if (isPunctual && nowMs - askedMs > ASKED_EVERY_MS + ROUNDING_MS)
      return `decided alone ${Math.round(nowMs - askedMs)} ms after it had last asked the limiter`;
    return undefined;
  }

  /** Since a call that has no answer was begun, nothing was granted that its process knows of. */
  #refused({ askedMs, isAdmit }: Open, atMs: number): void {
    this.#sinceMs ??= askedMs;
    if (isAdmit) this.#refusedAtMs = Math.max(this.#refusedAtMs, atMs);
  }

  #giveUp(nowMs: number): void {
    for (const open of [...this.#open].toSorted((a, b) => a.askedMs - b.askedMs)) {
      const overMs = open.askedMs + this.#timeoutMs;
      if (overMs <= nowMs && this.#open.delete(open)) this.#refused(open, overMs);
    }
  }
}
