import { describeType } from '../contract/describe-type.ts';
import { andThen, isLater, type Maybe } from '../contract/maybe.ts';
import type { Line } from '../transport/pack.ts';

/** A source of messages that is read one at a time and can be left before its end. */
export interface SourceLine<Item> extends Line<Item> {
  /**
   * Reads no more and tells the source so, as `break` does. Does not wait for a source that has not yet
   * answered the last question: it may never.
   */
  leave(): Promise<void>;
}

/**
 * Forms a line of what a source gives, each item prepared when its turn comes. The first `peek` is the
 * first touch of the source.
 * @throws {TypeError} when the source cannot be iterated.
 */
export function formLine<Given, Item>(
  source: Iterable<Given> | AsyncIterable<Given>,
  prepare: (given: Given) => Maybe<Item>,
): SourceLine<Item> {
  const open = opener(source);
  let iterator: Iterator<Given> | AsyncIterator<Given> | undefined;
  let first: Maybe<IteratorResult<Item, void>> | undefined;
  let asking = false;
  let over = false;

  /** Lets the source answer. One that fails is over. */
  function ask(): Maybe<IteratorResult<Given>> {
    over = true;
    const answer = (iterator ??= open()).next();
    over = false;
    return isLater(answer) ? wait(answer) : answer;
  }

  async function wait(answer: PromiseLike<IteratorResult<Given>>): Promise<IteratorResult<Given>> {
    asking = true;
    try {
      return await answer;
    } catch (error) {
      over = true;
      throw error;
    } finally {
      asking = false;
    }
  }

  function read(): Maybe<IteratorResult<Item, void>> {
    if (over) return END;
    return andThen(ask(), (next) => {
      if (next.done) over = true;
      if (over) return END;
      return andThen(prepare(next.value as Given), (value) => ({ done: false, value }));
    });
  }

  return {
    mayWait: Symbol.asyncIterator in source,
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
    async leave() {
      if (over || iterator === undefined) return;
      over = true;
      const left = Promise.resolve(iterator.return?.());
      if (asking) left.catch(() => {});
      else await left;
    },
  };
}

/** What a line gives once it is over. */
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
