import type { BatchResult } from '../send/messages.ts';

/**
 * A batch that has not started. Nothing is read or sent until the run is awaited or iterated; then:
 *
 * - `await run` resolves to every result, in the order of the messages. Awaiting again returns the same results.
 * - `for await (const result of run)` yields one result at a time and reads the messages as it goes, so an
 *   endless stream fits into bounded memory. `break` stops reading and waits for the requests under
 *   way: some of the messages that were read ahead may be queued, others not.
 *
 * `client.close()` leaves the source, also one that never answers; the results of the messages that were sent come first, and then the
 * run rejects with a `ClientClosedError`.
 *
 * A run is consumed once, in one of the two ways. When the source of the messages throws, an iteration
 * yields the results of the messages before that first; awaiting rejects with the same error.
 */
export interface BatchRun extends Promise<readonly BatchResult[]>, AsyncIterable<BatchResult> {}

/** The results of a run, several at a time. */
type Packs = AsyncIterable<readonly BatchResult[]>;

/** A run that calls `start` when it is first awaited or iterated. */
export function lazyBatchRun(start: () => Packs): BatchRun {
  return new LazyBatchRun(start);
}

class LazyBatchRun implements BatchRun {
  readonly [Symbol.toStringTag] = 'BatchRun';
  readonly #start: () => Packs;
  #all: Promise<readonly BatchResult[]> | undefined;
  #consumed = false;

  constructor(start: () => Packs) {
    this.#start = start;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<BatchResult> {
    return oneByOne(this.#consume());
  }

  #consume(): Packs {
    if (this.#consumed)
      throw new TypeError(
        'expected a batch run that nobody consumed, found one awaited or iterated before: call batch again',
      );
    this.#consumed = true;
    return this.#start();
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaited is what a run is for
  then<Fulfilled = readonly BatchResult[], Rejected = never>(
    onFulfilled?: ((results: readonly BatchResult[]) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#collect().then(onFulfilled, onRejected);
  }

  catch<Rejected = never>(
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<readonly BatchResult[] | Rejected> {
    return this.#collect().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<readonly BatchResult[]> {
    return this.#collect().finally(onFinally);
  }

  #collect(): Promise<readonly BatchResult[]> {
    return (this.#all ??= this.#collectAll());
  }

  async #collectAll(): Promise<readonly BatchResult[]> {
    const all: BatchResult[] = [];
    for await (const pack of this.#consume()) all.push(...pack);
    return all;
  }
}

async function* oneByOne(packs: Packs): AsyncGenerator<BatchResult, void, undefined> {
  for await (const pack of packs) for (const result of pack) yield result;
}
