import { messageIdentity } from '@huntaze/kit';
import type { StoredMessage } from '@huntaze/rate-limiter-client/contract';

/** An error as every database takes it: PostgreSQL refuses U+0000, and lone surrogates are no Unicode. */
export function storableError(error: string): string {
  return error.toWellFormed().replaceAll('\0', '\uFFFD');
}

/**
 * Messages without repetitions, of each the first, in the order of their primary keys: two calls that store the
 * same messages meet at the first of them and wait for each other only there, never in a circle.
 */
export function inRowOrder(
  messages: readonly StoredMessage[],
): readonly (readonly [string, StoredMessage])[] {
  const unique = new Map(messages.toReversed().map((message) => [messageIdentity(message), message]));
  return [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
