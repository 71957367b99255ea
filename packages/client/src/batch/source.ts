import { andThen, describeType, isPromise, type MaybePromise } from '@huntaze/kit';
import { ClientClosedError } from '../contract/index.ts';
import type { Peekable } from '../queue/packing.ts';

/** Messages that are read one at a time, and can be left before their end. */
export interface Source<Item> extends Peekable<Item> {
  /**
   * Reads no more and closes the source, as `break` does. Does not wait for a source that has not yet
   * returned its next message: it may never.
   */
  leave(): Promise<void>;
}

/**
 * Reads messages one at a time and prepares each when its turn comes. The first `peek` is the
 * first touch of the source.
 * @param closed aborts when the client is closed: the source is left, though it may still owe an answer, and reading
 * fails with a {@link ClientClosedError}.
 * @throws {TypeError} when the source cannot be iterated.
 */
export function lazySource<Given, Item>(
  given: Iterable<Given> | AsyncIterable<Given>,
  prepare: (given: Given) => MaybePromise<Item>,
  closed: AbortSignal,
): Source<Item> {
  const open = opener(given);
  let iterator: Iterator<Given> | AsyncIterator<Given> | undefined;
  let first: MaybePromise<IteratorResult<Item, void>> | undefined;
  /** Ends the wait for the next message; undefined while there is none. */
  let giveUp: ((reason: ClientClosedError) => void) | undefined;
  let over = false;
  let interrupted = false;

  /** Asks the iterator for the next message. One that fails is over. */
  function ask(): MaybePromise<IteratorResult<Given>> {
    over = true;
    if (!iterator) {
      iterator = open();
      closed.addEventListener('abort', interrupt, { once: true });
    }
    const answer = iterator.next();
    over = false;
    return isPromise(answer) ? wait(answer) : answer;
  }

  async function wait(answer: PromiseLike<IteratorResult<Given>>): Promise<IteratorResult<Given>> {
    try {
      return await new Promise<IteratorResult<Given>>((resolve, reject) => {
        giveUp = reject;
        answer.then(resolve, reject);
      });
    } catch (error) {
      over = true;
      throw error;
    } finally {
      giveUp = undefined;
    }
  }

  function interrupt(): void {
    if (over) return;
    interrupted = true;
    // A failure of the source has no reader any more.
    leave().catch(() => {});
    giveUp?.(new ClientClosedError());
  }

  async function leave(): Promise<void> {
    closed.removeEventListener('abort', interrupt);
    if (over || iterator === undefined) return;
    over = true;
    const left = Promise.resolve(iterator.return?.());
    if (giveUp) left.catch(() => {});
    else await left;
  }

  function read(): MaybePromise<IteratorResult<Item, void>> {
    if (interrupted || (closed.aborted && !over)) throw new ClientClosedError();
    if (over) return END;
    return andThen(ask(), (next) => {
      if (next.done) over = true;
      if (over) return END;
      return andThen(prepare(next.value as Given), (value) => ({ done: false, value }));
    });
  }

  return {
    mayWait: Symbol.asyncIterator in given,
    peek() {
      try {
        return (first ??= read());
      } catch (error) {
        return (first = Promise.reject(error));
      }
    },
    take() {
      first = undefined;
    },
    leave,
  };
}

/** The end of a source. */
const END = { done: true, value: undefined } as const;

function opener<Given>(
  source: Iterable<Given> | AsyncIterable<Given>,
): () => Iterator<Given> | AsyncIterator<Given> {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return () => source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return () => source[Symbol.iterator]();
  }
  throw new TypeError(
    `expected an iterable or async iterable of messages, found ${describeType(source)}: pass one message to send`,
  );
}
