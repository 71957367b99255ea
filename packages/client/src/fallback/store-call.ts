import { namesAmong } from '@huntaze/kit';

/** Waits for a call of the store, but not for ever: a store that hangs must not hang `send`. */
export type StoreInTime = <Result>(call: () => Promise<Result>) => Promise<Result>;

/**
 * What may be told of an error of a store: its name or its code. Its message may quote what was stored, as those of
 * database libraries do.
 */
export function nameOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return namesAmong(code, name) ?? 'an error without a name';
}
