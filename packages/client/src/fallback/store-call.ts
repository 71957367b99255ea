import { namesAmong } from '@huntaze/kit';

/** Waits for a call of the store for a bounded time: a store that hangs must not hang `send`. */
export type StoreInTime = <Result>(call: () => Promise<Result>) => Promise<Result>;

/**
 * The code and the name of an error of a store, for logs. Its message may quote a stored message, as messages of
 * database libraries do.
 */
export function nameOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return namesAmong(code, name) ?? 'an error without a name';
}
