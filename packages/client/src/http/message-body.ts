import type { PayloadProblem, Priority } from '../contract/index.ts';
import { identifierProblem } from '../contract/message.ts';
import { describeType } from '@huntaze/kit';

/** A message as a request describes it; what its parts must be, the client checks. */
export interface RequestedMessage {
  readonly payload: unknown;
  /** Whose message the caller would like it to be. The host decides. */
  readonly key: string | undefined;
  readonly priority: Priority | undefined;
  readonly id: string | undefined;
}

/** A message, or everything that keeps the body from being one. */
export type ReadMessage =
  | { readonly kind: 'message'; readonly message: RequestedMessage }
  | { readonly kind: 'invalid'; readonly problems: readonly PayloadProblem[] };

const fields = ['payload', 'key', 'priority', 'id'];

/**
 * Reads a message from a JSON body and the header `Idempotency-Key`, which is the message's id: a request that is
 * repeated with it is the same message.
 */
export function readMessage(body: unknown, idempotencyKey: string | null): ReadMessage {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const message = `expected an object of ${fields.join(', ')}, found ${describeType(body)}`;
    return { kind: 'invalid', problems: [{ path: '', message }] };
  }
  const { payload, key, priority, id } = body as Partial<RequestedMessage>;
  const header = unquote(idempotencyKey);
  const problems = [
    payload === undefined ? { path: 'payload', message: 'expected JSON data, found nothing' } : undefined,
    key === undefined ? undefined : identifierProblem('key', key),
    id === undefined ? undefined : identifierProblem('id', id),
    header === undefined ? undefined : identifierProblem('Idempotency-Key', header),
    id !== undefined && header !== undefined && id !== header
      ? { path: 'id', message: 'expected the same as Idempotency-Key, or none, found another' }
      : undefined,
    Object.keys(body).every((field) => fields.includes(field))
      ? undefined
      : { path: '', message: `expected only ${fields.join(', ')}, found other fields` },
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) return { kind: 'invalid', problems };
  return { kind: 'message', message: { payload, key, priority, id: id ?? header } };
}

/** Senders write the header as text or, as its draft standard says, as a string of structured fields. */
function unquote(header: string | null): string | undefined {
  if (header === null) return undefined;
  return /^"(.*)"$/.exec(header)?.[1] ?? header;
}
