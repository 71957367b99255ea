import { describeType } from '../contract/json.ts';
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
  prepare: (given: Given) => Promise<Item>,
): SourceLine<Item> {
  const open = opener(source);
  let iterator: Iterator<Given> | AsyncIterator<Given> | undefined;
  let first: Promise<IteratorResult<Item, void>> | undefined;
  let asking = false;
  let over = false;

  async function ask(): Promise<IteratorResult<Given>> {
    asking = true;
    try {
      iterator ??= open();
      return await iterator.next();
    } catch (error) {
      over = true;
      throw error;
    } finally {
      asking = false;
    }
  }

  async function read(): Promise<IteratorResult<Item, void>> {
    const next = over ? undefined : await ask();
    if (next?.done) over = true;
    if (next === undefined || over) return { done: true, value: undefined };
    return { done: false, value: await prepare(next.value) };
  }

  return {
    mayWait: Symbol.asyncIterator in source,
    peek: () => (first ??= read()),
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
