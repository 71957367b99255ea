import { PayloadError } from './errors.ts';

/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue | undefined };

/**
 * How deep arrays and objects may nest inside a message. Deeper input is refused, so that no
 * recursive code downstream (a schema, `deliver`) can be made to overflow its stack.
 */
export const MAX_JSON_DEPTH = 100;

/**
 * Serializes JSON data.
 *
 * SQS refuses U+FFFE and U+FFFF (SendMessage, "MessageBody"), and some servers that speak its protocol
 * refuse everything above. JSON may carry all of these escaped, as it does lone surrogates and control
 * characters, so no string a host can hold is refused.
 */
export function toAcceptedText(data: unknown): string {
  return JSON.stringify(data).replace(/[\uD800-\uDFFF\uFFFE\uFFFF]/g, escapeCodeUnit);
}

function escapeCodeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16)}`;
}

/** Whether a parsed JSON value nests deeper than {@link MAX_JSON_DEPTH}. Walks level by level: safe at any depth. */
export function isTooDeep(value: unknown): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) return true;
    level = level.flatMap((container) => Object.values(container)).filter(isContainer);
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Field names that a programmer chose, rather than the sender of the data. */
const FIELD_NAME = /^[A-Za-z_$][\w$-]{0,63}$/;

/** The place of a member inside a value: `payload.tags[3]`. A name that may be content is not repeated: `payload[…]`. */
export function placeOf(path: string, key: PropertyKey): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return FIELD_NAME.test(String(key)) ? `${path}.${String(key)}` : `${path}[…]`;
}

/**
 * @throws {PayloadError} when a part of the value is not JSON data: `undefined`, a `Date`, `NaN`, a `Map`, a class
 * instance, nesting deeper than {@link MAX_JSON_DEPTH}.
 */
export function assertJsonData(value: unknown, path: string): void {
  const problem = problemIn(value, 1);
  if (problem) throw notJson(problem.keys.reduce(placeOf, path), problem.found);
}

const TOO_DEEP = `more than ${MAX_JSON_DEPTH} levels of nesting, or a cycle`;

interface JsonProblem {
  /** Where it is: the keys that lead there. */
  readonly keys: PropertyKey[];
  readonly found: string;
}

/** The first part that is not JSON data. Its place is put together only when there is one. */
function problemIn(value: unknown, depth: number): JsonProblem | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return undefined;
  if (typeof value !== 'object' || !isPlain(value)) return { keys: [], found: describeType(value) };
  if (depth > MAX_JSON_DEPTH) return { keys: [], found: TOO_DEEP };
  const isList = Array.isArray(value);
  for (const [key, item] of isList ? value.entries() : Object.entries(value)) {
    if (item === undefined && !isList) continue;
    const problem = problemIn(item, depth + 1);
    problem?.keys.unshift(key);
    if (problem) return problem;
  }
  return undefined;
}

function isPlain(value: object): boolean {
  if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function notJson(path: string, found: string): PayloadError {
  return new PayloadError([
    {
      path,
      message: `expected JSON data, found ${found}: convert it to strings, numbers, arrays or plain objects`,
    },
  ]);
}

/** A value's type in words, without its content. */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number' && !Number.isFinite(value)) return 'a number that is not finite';
  if (typeof value !== 'object') return value === undefined ? 'undefined' : `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== 'Object' && name !== '' ? `a ${name}` : 'an object';
}
