import { attributeOf } from './stored-text.ts';

/** What is kept of a key or of a message, as the table holds it. */
export interface StateItem {
  readonly id: string;
  /** Of the write that left it. */
  readonly version: string;
  readonly text: string | Uint8Array;
  /** From when on DynamoDB may remove it. */
  readonly expiresAtSeconds: number;
}

/** The item that says since when the table remembers. It never expires. */
export const BEGAN_ID = 'began';

/** How much longer items are kept than needed: no clock of a host is so far behind. */
const LONGER_MS = 3_600_000;

export const stateId = (key: string): string => `state#${key}`;

/** Neither a key nor a message's name holds a space. */
export const recordId = (key: string, message: string): string => `message#${key} ${message}`;

export function stateItem(
  id: string,
  version: string,
  { text, keepMs }: { readonly text: string; readonly keepMs: number },
  nowMs: number,
): StateItem {
  const expiresAtSeconds = Math.ceil((nowMs + keepMs + LONGER_MS) / 1_000);
  return { id, version, text: attributeOf(text), expiresAtSeconds };
}
