import type { Clock } from '../contract/index.ts';
import { nextPack } from '../queue/packing.ts';
import type { Source } from './source.ts';

interface OrderedResultsOptions<Item, Result> {
  /** Most packs held at once: sent, or answered and waiting for their results to be taken. */
  readonly limit: number;
  readonly clock: Clock;
  /** Makes one request of a pack. @returns one result per item, in order. */
  dispatch(pack: readonly Item[]): Promise<readonly Result[]>;
}

/**
 * Sends a source in packs, several at once, and yields the results of each, in the order of the source. Nothing is
 * read unless results are asked for, and memory stays bounded however long the source is. What the source
 * throws comes after the results of everything before it. Leaving early stops the reading and waits for
 * the requests under way.
 */
export async function* orderedResults<Item extends { readonly bytes: number }, Result>(
  source: Source<Item>,
  { limit, clock, dispatch }: OrderedResultsOptions<Item, Result>,
): AsyncGenerator<readonly Result[], void, undefined> {
  const held: Promise<readonly Result[]>[] = [];
  /** Packed while as many as allowed were held, so that its request starts as soon as there is room. */
  let next: readonly Item[] | undefined;
  let packing: Promise<readonly Item[]> | undefined;
  let ended = false;

  // A source that fails holds a place like a pack, so that everything before it is delivered first.
  const pack = () =>
    nextPack(source, clock).catch((failure: unknown) => {
      held.push(quietly(Promise.reject(failure)));
      return [];
    });

  try {
    for (;;) {
      if (next && held.length < limit) {
        held.push(quietly(dispatch(next)));
        next = undefined;
      }
      if (!ended && !next) packing ??= pack();
      const [oldest] = held;
      const packed = await (packing && oldest
        ? Promise.race([packing, oldest.then(() => undefined)])
        : packing);
      if (packed) {
        packing = undefined;
        ended = packed.length === 0;
        if (!ended) next = packed;
      } else if (oldest) {
        yield await oldest;
        void held.shift();
      } else break;
    }
  } finally {
    try {
      await source.leave();
    } finally {
      await Promise.allSettled(held);
    }
  }
}

/** Keeps a failure that is looked at later from counting as unhandled now. */
function quietly<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
