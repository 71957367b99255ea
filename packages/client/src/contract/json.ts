import { describeType } from '@huntaze/kit';
import type { PayloadProblem } from './errors.ts';
import { placesIn } from './place.ts';

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

/**
 * What keeps a value from being JSON data: `undefined`, a `Date`, `NaN`, a `Map`, a class instance, nesting deeper than
 * {@link MAX_JSON_DEPTH}.
 */
export function jsonProblem(value: unknown, path: string): PayloadProblem | undefined {
  const problem = problemIn(value, 1);
  return (
    problem && {
      path: placesIn(value, path)(problem.keys).path,
      message: `expected JSON data, found ${problem.found}: convert it to strings, numbers, arrays or plain objects`,
    }
  );
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
