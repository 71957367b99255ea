import { describeType } from '@huntaze/kit';

/** Where in a value something is, and what kind of value is there. Holds no content: neither values nor names of fields. */
export interface Place {
  /** Positions from 0, of items in lists and of fields in objects: `payload[2][0]`. What is not there is `[?]`. */
  readonly path: string;
  /** The kind in words. */
  readonly found: string;
}

/**
 * Finds the places in a value that keys lead to. A key is shown as its position, because a name cannot be told from content: that of a record's
 * entry, or of a field that nobody asked for, is what a user wrote. What is found never throws.
 */
export function placesIn(value: unknown, root: string): (keys: readonly unknown[]) => Place {
  const positions = new Map<object, ReadonlyMap<string, number>>();
  /** Which field or item a key names; undefined: none. Remembered, because there may be as many problems as fields. */
  const positionOf = (within: unknown, key: unknown): number | undefined => {
    if (typeof within !== 'object' || within === null || typeof key === 'symbol') return undefined;
    if (Array.isArray(within)) return isIndex(Number(key), within.length) ? Number(key) : undefined;
    const known = positions.get(within) ?? new Map(Object.keys(within).map((name, index) => [name, index]));
    positions.set(within, known);
    return known.get(String(key));
  };
  const walk = (within: unknown, path: string, [key, ...rest]: readonly unknown[]): Place => {
    const position = positionOf(within, key);
    if (position === undefined) return { path: `${path}[?]`, found: 'nothing' };
    return at(Object(within)[key as PropertyKey], `${path}[${position}]`, rest);
  };
  const at = (found: unknown, path: string, keys: readonly unknown[]): Place =>
    keys.length > 0
      ? walk(found, path, keys)
      : { path, found: found === undefined ? 'nothing' : describeType(found) };
  return (keys) => {
    try {
      return at(value, root, keys);
    } catch {
      return { path: `${root}[?]`, found: 'what throws when it is read' };
    }
  };
}

function isIndex(key: number, length: number): boolean {
  return Number.isInteger(key) && key >= 0 && key < length;
}

/** Field names that a programmer chose, rather than the sender of the data. */
const FIELD_NAME = /^[A-Za-z_$][\w$-]{0,63}$/;

/** The place of a member inside a value: `payload.tags[3]`. A name that may be content is not repeated: `payload[…]`. */
export function placeOf(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return FIELD_NAME.test(String(key)) ? `${path}.${String(key)}` : `${path}[…]`;
}
