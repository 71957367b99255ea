/** Instants are added up along different ways: nearer than this they are the same. */
const ROUNDING_MS = 0.01;
/** A process that decides alone asks again so long after it last began to. */
const ASKED_EVERY_MS = 5_000;
/** While one call is under way, and so long after it, a process need not ask again. */
const REST_MS = 1_000;

/** One call about a key, until its process hears what came of it. */
export interface Question {
  answered(): void;
  refused(): void;
}

interface Open {
  readonly askedMs: number;
}

/**
 * What one process hears of the limiter about one key: since when there was no answer, and when it asked last. A
 * question without an answer in time counts as refused; an answer counts whenever it comes.
 */
export class SilenceWatch {
  #sinceMs: number | undefined;
  #answeredAtMs = Number.NEGATIVE_INFINITY;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  readonly #open = new Set<Open>();
  readonly #timeoutMs: number;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  asks(nowMs: () => number): Question {
    const one: Open = { askedMs: nowMs() };
    this.#askedAtMs = one.askedMs;
    this.#open.add(one);
    return {
      answered: () => {
        this.#timeOut(nowMs());
        this.#open.delete(one);
        this.#sinceMs = undefined;
        this.#answeredAtMs = nowMs();
      },
      refused: () => {
        this.#timeOut(nowMs());
        if (this.#open.delete(one)) this.#refused(one, nowMs());
      },
    };
  }

  /** @returns what is wrong with deciding alone now, if anything. */
  alone(nowMs: number, silentMs: number, isPunctual: boolean): string | undefined {
    this.#timeOut(nowMs);
    if (this.#sinceMs === undefined) return 'decided alone although the limiter had answered';
    if (nowMs - this.#sinceMs < silentMs - ROUNDING_MS)
      return `decided alone after ${Math.round(nowMs - this.#sinceMs)} ms of silence, expected ${silentMs}`;
    const unaskedMs = nowMs - this.#askedAtMs;
    const mayRest = this.#open.size > 0 || nowMs - this.#refusedAtMs <= REST_MS + ROUNDING_MS;
    if (isPunctual && !mayRest && unaskedMs > ASKED_EVERY_MS + ROUNDING_MS)
      return `decided alone ${Math.round(unaskedMs)} ms after it had last asked the limiter`;
    return undefined;
  }

  /** Its process goes on without an answer to what it has asked: it need not wait as long as one may take. */
  givenUp(): void {
    for (const one of this.#open) this.#inVain(one);
  }

  #refused(one: Open, atMs: number): void {
    this.#inVain(one);
    this.#refusedAtMs = Math.max(this.#refusedAtMs, atMs);
  }

  /** Nothing was heard since it was asked, unless a later answer came first. */
  #inVain({ askedMs }: Open): void {
    if (askedMs >= this.#answeredAtMs) this.#sinceMs ??= askedMs;
  }

  #timeOut(nowMs: number): void {
    for (const one of this.#open) {
      const overMs = one.askedMs + this.#timeoutMs;
      if (overMs <= nowMs && this.#open.delete(one)) this.#refused(one, overMs);
    }
  }
}
