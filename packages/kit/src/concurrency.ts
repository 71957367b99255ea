/** Does the work for every item, `atOnce` items at a time. @returns the results in the order of the items. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  await inLanes(Math.min(atOnce, items.length), async () => {
    for (const [index, item] of waiting) results[index] = await work(item);
  });
  return results;
}

/** Runs as many lanes of the same work side by side, and waits for all of them. Rejects with the first failure. */
export async function inLanes(count: number, lane: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, lane));
}

/** How large a chunk may be. An item that is too large alone is a chunk of its own. */
export interface ChunkLimits<Item> {
  readonly maxItems: number;
  /** The most that the sizes of a chunk's items may add up to. Default: no limit. */
  readonly maxSize?: number;
  sizeOf?(item: Item): number;
}

/** Splits items into chunks, in their order. There is no empty chunk. */
export function* chunksOf<Item>(
  items: readonly Item[],
  { maxItems, maxSize = Number.POSITIVE_INFINITY, sizeOf = () => 0 }: ChunkLimits<Item>,
): Generator<readonly Item[], void, undefined> {
  let chunk: Item[] = [];
  let size = 0;
  for (const item of items) {
    const itemSize = sizeOf(item);
    if (chunk.length === maxItems || (chunk.length > 0 && size + itemSize > maxSize)) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(item);
    size += itemSize;
  }
  if (chunk.length > 0) yield chunk;
}
