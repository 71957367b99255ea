import type { Clock } from '../contract/index.ts';
import { MAX_BYTES, MAX_ENTRIES } from '@huntaze/kit';

interface CoalescerOptions<Item, Result> {
  /** How long an item waits for others while a request is under way. */
  readonly maxWaitMs: number;
  /** Requests under way at most; further items wait for one to end. */
  readonly maxRequests: number;
  readonly clock: Clock;
  /** Makes one request of a pack. @returns one result per item, in order. */
  dispatch(pack: readonly Item[]): Promise<readonly Result[]>;
}

/** Items of one request to be. */
interface Pack<Item, Result> {
  readonly items: Item[];
  readonly callers: PromiseWithResolvers<Result>[];
  bytes: number;
  /** It waits for nothing any more. */
  ready: boolean;
  readonly left: AbortController;
}

/**
 * Packs items that come at about the same time, from independent callers, into common requests. An item that finds no request under way
 * leaves at once, so a lone caller never waits; while one is under way, the next pack fills until it is
 * full, `maxWaitMs` old, or the last request has ended.
 */
export function coalescer<Item extends { readonly bytes: number }, Result>(
  options: CoalescerOptions<Item, Result>,
) {
  const { maxWaitMs, maxRequests, clock, dispatch } = options;
  const packs: Pack<Item, Result>[] = [];
  let underWay = 0;
  let flushed = false;

  function packFor({ bytes }: Item): Pack<Item, Result> {
    const last = packs.at(-1);
    if (last && last.items.length < MAX_ENTRIES && last.bytes + bytes <= MAX_BYTES) return last;
    // What comes later must not overtake, so a pack that cannot take this item is complete.
    if (last) last.ready = true;
    const pack = { items: [], callers: [], bytes: 0, ready: flushed, left: new AbortController() };
    packs.push(pack);
    return pack;
  }

  function dispatchReady(): void {
    for (let [first] = packs; first && isNext(first); [first] = packs) {
      void packs.shift();
      first.left.abort('left');
      underWay += 1;
      void dispatchPack(first);
    }
  }

  function isNext({ ready }: Pack<Item, Result>): boolean {
    return underWay < maxRequests && (ready || underWay === 0);
  }

  async function dispatchPack({ items, callers }: Pack<Item, Result>): Promise<void> {
    try {
      const results = await dispatch(items);
      callers.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of callers) reject(error);
    } finally {
      underWay -= 1;
      dispatchReady();
    }
  }

  async function readyLater(pack: Pack<Item, Result>): Promise<void> {
    await clock.sleep(maxWaitMs, pack.left.signal);
    pack.ready = true;
    dispatchReady();
  }

  return {
    /** @returns the item's own result. Items leave in the order in which they came. */
    add(item: Item): Promise<Result> {
      const pack = packFor(item);
      const caller = Promise.withResolvers<Result>();
      pack.items.push(item);
      pack.callers.push(caller);
      pack.bytes += item.bytes;
      if (pack.items.length === MAX_ENTRIES) pack.ready = true;
      dispatchReady();
      if (pack.items.length === 1 && packs.includes(pack)) void readyLater(pack);
      return caller.promise;
    },
    /** From now on nothing waits for others. */
    flush(): void {
      flushed = true;
      for (const pack of packs) pack.ready = true;
      dispatchReady();
    },
  };
}
