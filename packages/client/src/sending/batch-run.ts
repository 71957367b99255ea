import type { BatchResult } from './results.ts';

/**
 * A batch that has not started. Nothing is read or sent until the run is awaited or iterated; then:
 *
 * - `await run` gives every result, in the order of the messages. Awaiting again gives the same promise.
 * - `for await (const result of run)` gives one result at a time and reads the messages as it goes, so an
 *   endless stream fits into bounded memory. `break` stops reading and waits for the requests under
 *   way: some of the messages that were read ahead may be queued, others not.
 *
 * A run is consumed once, in one of the two ways. When the source of the messages throws, the results of
 * what it gave before are delivered to an iteration first; awaiting rejects with what was thrown.
 */
export interface BatchRun extends Promise<readonly BatchResult[]>, AsyncIterable<BatchResult> {}

/** A run that calls `start` when it is first awaited or iterated. */
export function lazyBatchRun(start: () => AsyncIterableIterator<BatchResult>): BatchRun {
  return new LazyBatchRun(start);
}

class LazyBatchRun implements BatchRun {
  readonly [Symbol.toStringTag] = 'BatchRun';
  readonly #start: () => AsyncIterableIterator<BatchResult>;
  #all: Promise<readonly BatchResult[]> | undefined;
  #consumed = false;

  constructor(start: () => AsyncIterableIterator<BatchResult>) {
    this.#start = start;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<BatchResult> {
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
    return (this.#all ??= collect(this));
  }
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
