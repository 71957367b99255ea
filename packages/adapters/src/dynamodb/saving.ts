import { chunksOf, inParallel, messageIdentity } from '@huntaze/kit';
import type { StoredMessage } from '@huntaze/rate-limiter-client/contract';
import { itemBytesOf, MAX_ITEM_BYTES, newItem } from './item.ts';
import { REQUESTS_AT_ONCE } from './requests.ts';
import type { TableAccess } from './table-access.ts';

/** What one BatchWriteItem takes (DynamoDB: "Service quotas"). */
const MAX_WRITTEN_TOGETHER = 25;

/**
 * Writes those messages that are unknown: fresh ones at first without a look, what DynamoDB leaves of them with one.
 * @throws {RangeError} when an item would exceed DynamoDB's 400 KB, once the others are stored.
 */
export async function saveUnknown(
  table: TableAccess,
  messages: readonly StoredMessage[],
  { shards, nowMs }: { readonly shards: number; readonly nowMs: number },
): Promise<void> {
  const fitting = messages.filter(fits).toReversed();
  const unique = new Map(fitting.map((message) => [messageIdentity(message), message]));
  const itemsOf = (entries: readonly (readonly [string, StoredMessage])[] = []) =>
    entries.map(([id, message]) => newItem(id, message, shards, nowMs));
  // A condition costs one message nothing, and holds even where the SDK repeats a request.
  const { fresh, others } = Object.groupBy([...unique], ([, message]) =>
    message.fresh && unique.size > 1 ? 'fresh' : 'others',
  );
  const portions = [...chunksOf(itemsOf(fresh), { maxItems: MAX_WRITTEN_TOGETHER })];
  const left = await inParallel(portions, REQUESTS_AT_ONCE, table.putTogether);
  await inParallel([...left.flat(), ...itemsOf(others)], REQUESTS_AT_ONCE, table.putNew);
  const tooLong = messages.find((message) => !fits(message));
  if (tooLong) throw exceeds(tooLong);
}

function fits(message: StoredMessage): boolean {
  return itemBytesOf(message) <= MAX_ITEM_BYTES;
}

function exceeds(message: StoredMessage): RangeError {
  return new RangeError(
    `expected a message within DynamoDB's ${MAX_ITEM_BYTES} bytes per item, found ${itemBytesOf(message)} (id ${message.id}): keep payloads smaller, for example by sending references, or use a store on SQL`,
  );
}
