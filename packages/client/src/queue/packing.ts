import type { Clock } from '../contract/clock.ts';
import type { PayloadProblem } from '../contract/errors.ts';
import { chunksOf, isPromise, MAX_BYTES, MAX_ENTRIES, type MaybePromise } from '@huntaze/kit';

/** How long a message waits for others to share its request, in milliseconds: about one round trip to SQS. */
const MAX_PACK_WAIT_MS = 20;

/** Items in order, of which the first can be looked at before it is taken. */
export interface Peekable<Item> {
  /** The first item; the same until it is taken. Rejects when there is none because the source failed. */
  peek(): MaybePromise<IteratorResult<Item, void>>;
  take(): void;
  /** Whether the next item may take time. A source whose items are there at once needs no timer. */
  readonly mayWait: boolean;
}

/**
 * Takes the items of the next request from a source: in order, as many as fit into one request. After
 * {@link MAX_PACK_WAIT_MS} without a next item, the request leaves with those it has, so that a slow source
 * neither delays nor risks them.
 * @returns an empty list at the end of the source.
 * @throws what the source threw, once everything before it is packed.
 */
export async function nextPack<Item extends { readonly bytes: number }>(
  source: Peekable<Item>,
  clock: Clock,
): Promise<readonly Item[]> {
  const pack: Item[] = [];
  let bytes = 0;
  let patience: Promise<undefined> | undefined;
  let packed: AbortController | undefined;
  try {
    while (pack.length < MAX_ENTRIES) {
      const first = source.peek();
      const next = isPromise(first) ? await (patience ? Promise.race([first, patience]) : first) : first;
      if (next === undefined || next.done) break;
      if (pack.length > 0 && bytes + next.value.bytes > MAX_BYTES) break;
      source.take();
      pack.push(next.value);
      bytes += next.value.bytes;
      if (source.mayWait && !packed) {
        packed = new AbortController();
        patience = clock.sleep(MAX_PACK_WAIT_MS, packed.signal).then(() => undefined);
      }
    }
  } catch (error) {
    if (pack.length === 0) throw error;
  } finally {
    // With a reason of its own: without one, an error with its stack would be made for every request.
    packed?.abort('packed');
  }
  return pack;
}

/** Splits items that are all there into requests, in their order. */
export function* packsOf<Item extends { readonly bytes: number }>(
  items: readonly Item[],
): Generator<readonly Item[], void, undefined> {
  yield* chunksOf(items, { maxItems: MAX_ENTRIES, maxSize: MAX_BYTES, sizeOf: ({ bytes }) => bytes });
}

/** The problem with the size of a message, or undefined when SQS accepts it. */
export function sizeProblem(bytes: number): PayloadProblem | undefined {
  if (bytes <= MAX_BYTES) return undefined;
  return {
    path: 'payload',
    message: `expected a message of at most ${MAX_BYTES} bytes (1 MiB), found ${bytes}: store large content elsewhere and send its address`,
  };
}
