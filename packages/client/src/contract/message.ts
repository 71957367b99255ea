import { isTooDeep, jsonProblem, MAX_JSON_DEPTH, toAcceptedText, type JsonValue } from './json.ts';
import { describeType } from '@huntaze/kit';
import { PayloadError, type PayloadProblem } from './errors.ts';

/** Urgency, most urgent first. Within one key, a higher priority is always admitted before a lower one. */
export const priorities = ['high', 'medium', 'low'] as const;
export type Priority = (typeof priorities)[number];

/** What a client sends and a handler delivers. */
export interface Message<Payload = JsonValue> {
  /** Identity: two messages of one queue with the same id and key are one message, delivered once. */
  readonly id: string;
  /** What the limits apply to, such as an account. */
  readonly key: string;
  readonly priority: Priority;
  readonly payload: Payload;
  /** When the client accepted it, by the client's clock. For people and metrics; limits never use it. */
  readonly enqueuedAtMs: number;
  /**
   * Which life of the message this is, from 2: the handler writes it into its dead letters, so that one which is moved
   * back to its queue is told from a late copy of the message it was. Absent in the first.
   */
  readonly life?: number;
  /** W3C trace context of the sender. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** The version of the wire format that this code writes, and the only one it reads. */
export const ENVELOPE_VERSION = 1;

/** Characters of a key or id: those SQS allows in MessageGroupId. */
const IDENTIFIER = /^[\x21-\x7E]{1,128}$/;
const IDENTIFIER_RULE = '1 to 128 printable ASCII characters without spaces';

/** The problem with a key or an id, or undefined. */
export function identifierProblem(path: string, value: unknown): PayloadProblem | undefined {
  if (typeof value === 'string' && IDENTIFIER.test(value)) return undefined;
  return { path, message: `expected ${IDENTIFIER_RULE}, found ${describeIdentifier(value)}` };
}

/** The problem with a priority, or undefined. */
export function priorityProblem(path: string, value: unknown): PayloadProblem | undefined {
  if (priorities.includes(value as Priority)) return undefined;
  const found = typeof value === 'string' ? 'another string' : describeType(value);
  return { path, message: `expected one of ${priorities.join(', ')}, found ${found}` };
}

/**
 * Writes a message as the JSON body that travels through SQS.
 * @throws {PayloadError} when the payload is not JSON data.
 */
export function serializeMessage({ payload, ...envelope }: Message<unknown>): string {
  const problem = jsonProblem(payload, 'payload');
  if (problem) throw new PayloadError([problem]);
  return toAcceptedText({ v: ENVELOPE_VERSION, ...envelope, payload });
}

/** The result of reading a body. `malformed` says what was expected and found, never the content. */
export type ParsedMessage =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'unknown-version'; readonly detail: string }
  | { readonly kind: 'malformed'; readonly detail: string };

/** Reads a body that {@link serializeMessage} wrote. Never throws, whatever the body. Unknown fields are ignored. */
export function parseMessage(body: unknown): ParsedMessage {
  if (typeof body !== 'string') return malformed(`expected a string body, found ${describeType(body)}`);
  const envelope = parseJson(body);
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope)) {
    return malformed(
      `expected a JSON object, found ${envelope === undefined ? 'text that is not JSON' : describeType(envelope)}`,
    );
  }
  const fields = Object.assign(Object.create(null), envelope) as Record<string, unknown>;
  if (fields['v'] !== ENVELOPE_VERSION) return wrongVersion(fields['v']);
  const problem = envelopeProblem(fields);
  if (problem) return malformed(`${problem.path}: ${problem.message}`);
  const {
    id,
    key,
    priority,
    payload,
    enqueuedAtMs,
    life = 1,
    traceparent,
    tracestate,
  } = fields as unknown as Message;
  return {
    kind: 'message',
    message: {
      id,
      key,
      priority,
      payload,
      enqueuedAtMs,
      ...(life > 1 && { life }),
      ...(traceparent !== undefined && { traceparent }),
      ...(tracestate !== undefined && { tracestate }),
    },
  };
}

function envelopeProblem(fields: Record<string, unknown>): PayloadProblem | undefined {
  const { life = 1 } = fields;
  return (
    identifierProblem('id', fields['id']) ??
    identifierProblem('key', fields['key']) ??
    priorityProblem('priority', fields['priority']) ??
    wholeProblem('enqueuedAtMs', fields['enqueuedAtMs'], 0, 'whole milliseconds since 1970') ??
    wholeProblem('life', life, 1, 'a whole number from 1') ??
    traceProblem('traceparent', fields['traceparent']) ??
    traceProblem('tracestate', fields['tracestate']) ??
    payloadProblem(fields['payload'])
  );
}

function payloadProblem(payload: unknown): PayloadProblem | undefined {
  if (payload === undefined) return { path: 'payload', message: 'expected JSON data, found nothing' };
  if (!isTooDeep(payload)) return undefined;
  return { path: 'payload', message: `expected at most ${MAX_JSON_DEPTH} levels of nesting, found more` };
}

function wholeProblem(
  path: string,
  value: unknown,
  least: number,
  expected: string,
): PayloadProblem | undefined {
  if (Number.isSafeInteger(value) && Number(value) >= least) return undefined;
  const found = typeof value === 'number' ? 'another number' : describeType(value);
  return { path, message: `expected ${expected}, found ${found}` };
}

/** Bound of the W3C recommendation for a propagated tracestate (section 3.3.1.5), applied to both fields. */
const MAX_TRACE_LENGTH = 512;

function traceProblem(path: string, value: unknown): PayloadProblem | undefined {
  const length = typeof value === 'string' ? charactersOf(value) : 0;
  if (value === undefined || (typeof value === 'string' && length <= MAX_TRACE_LENGTH)) return undefined;
  const found = typeof value === 'string' ? `${length} characters` : describeType(value);
  return {
    path,
    message: `expected at most ${MAX_TRACE_LENGTH} characters of trace context, found ${found}`,
  };
}

/** As JSON Schema and other languages count them, who know no surrogates. */
function charactersOf(text: string): number {
  return Array.from(text).length;
}

function describeIdentifier(value: unknown): string {
  if (typeof value !== 'string') return describeType(value);
  if (value.length === 0) return 'an empty string';
  return value.length > 128 ? `${value.length} characters` : 'other characters';
}

function malformed(detail: string): ParsedMessage {
  return { kind: 'malformed', detail };
}

function wrongVersion(found: unknown): ParsedMessage {
  if (found === undefined)
    return malformed(`expected v: ${ENVELOPE_VERSION}, found no version: not a body this package wrote`);
  const version = isVersion(found) ? `v: ${found}` : describeType(found);
  return {
    kind: 'unknown-version',
    detail: `expected v: ${ENVELOPE_VERSION}, found ${version}: deploy the handler before the client`,
  };
}

/** A version that may come; any other number may be content of another program's body. */
function isVersion(found: unknown): found is number {
  return Number.isInteger(found) && Number(found) >= 0 && Number(found) < 100;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
