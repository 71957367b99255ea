import { isPayloadError, PayloadError, validatePayload } from '../contract/index.ts';
import type { Clock, Ids, Message, PayloadSchema, Span, Tracer } from '../contract/index.ts';
import { toJson } from '../contract/json.ts';
import { identifierProblem, priorityProblem, serializeMessage } from '../contract/message.ts';
import { sizeProblem } from '../transport/limits.ts';
import type { OutgoingMessage } from '../transport/transport.ts';
import type { NewMessage } from './new-message.ts';
import { traceFields } from './trace-fields.ts';

/** A message that may leave. */
export interface Ready {
  readonly kind: 'ready';
  readonly message: OutgoingMessage;
  readonly bytes: number;
  readonly span: Span;
}

/** A message that the host's own sender gets. */
export interface Direct {
  readonly kind: 'direct';
  readonly message: OutgoingMessage;
  /** It takes no room in a request. */
  readonly bytes: 0;
  readonly span: Span;
}

/** A message that stays, with everything that is wrong with it. */
export interface Refused {
  readonly kind: 'refused';
  /** Undefined when the id itself is wrong. */
  readonly messageId: string | undefined;
  readonly error: PayloadError;
  /** It takes no room in a request. */
  readonly bytes: 0;
}

export type Prepared = Ready | Direct | Refused;

/** What {@link preparation} works with. */
export interface PreparationOptions {
  readonly payload: PayloadSchema;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly tracer: Tracer;
  /** Decides which way a message with this key goes. Never rejects. */
  route(key: string): Promise<'queue' | 'bypass'>;
}

/**
 * Checks a message and writes its body. The body is written before anything is awaited, so a host may
 * change its payload object as soon as the call returned; and it holds the payload as it was given,
 * not the schema's output, because the handler runs the schema again.
 */
export function preparation({ payload: schema, clock, ids, tracer, route }: PreparationOptions) {
  return async function prepare(given: NewMessage<unknown>): Promise<Prepared> {
    const { key, payload, priority = 'medium', id: ownId } = Object(given) as NewMessage<unknown>;
    const fresh = ownId === undefined;
    const id = fresh ? ids.next() : ownId;
    const headRefusal = checkHead({ key, id, priority });
    const span = tracer.startSpan('rate-limiter.send', undefined, headRefusal ? {} : { messageId: id });
    const trace = traceFields(span.context);
    const head = { id, key, priority, enqueuedAtMs: Math.floor(clock.nowMs()), ...trace };
    const body = writeBody(headRefusal ? undefined : head, payload);
    const refusals = [headRefusal, body.refusal, await schemaRefusal(schema, payload)].filter(
      (refusal) => refusal !== undefined,
    );
    if (refusals.length === 0) {
      const { text, bytes } = body;
      const message = { id, key, body: text, bytes, fresh };
      if ((await route(key)) === 'bypass') return { kind: 'direct', message, bytes: 0, span };
      return { kind: 'ready', message, bytes, span };
    }
    const error = merge(refusals);
    span.end(error);
    return { kind: 'refused', messageId: identifierProblem('id', id) ? undefined : id, error, bytes: 0 };
  };
}

function checkHead({ key, id, priority }: Pick<NewMessage<unknown>, 'key' | 'id' | 'priority'>) {
  const problems = [
    identifierProblem('key', key),
    identifierProblem('id', id),
    priorityProblem('priority', priority),
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : new PayloadError(problems);
}

/** Without a sound head only the payload can be checked: there is nothing to send. */
function writeBody(head: Omit<Message, 'payload'> | undefined, payload: unknown) {
  try {
    const text = head ? serializeMessage({ ...head, payload }) : toJson(payload, 'payload');
    const bytes = Buffer.byteLength(text);
    const problem = sizeProblem(bytes);
    return { text, bytes, refusal: problem && new PayloadError([problem]) };
  } catch (error) {
    return { text: '', bytes: 0, refusal: isPayloadError(error) ? error : unreadable(error) };
  }
}

async function schemaRefusal(schema: PayloadSchema, payload: unknown): Promise<PayloadError | undefined> {
  try {
    await validatePayload(schema, payload);
    return undefined;
  } catch (error) {
    return isPayloadError(error) ? error : unreadable(error);
  }
}

/** Something of the host's threw: a getter of the payload, or the schema itself. */
function unreadable(cause: unknown): PayloadError {
  return new PayloadError(
    [
      {
        path: 'payload',
        message: 'expected data that can be checked, found that reading it throws: see the cause',
      },
    ],
    cause,
  );
}

function merge(refusals: readonly PayloadError[]): PayloadError {
  const problems = refusals.flatMap((refusal) => refusal.problems);
  return new PayloadError(problems, refusals.find(({ cause }) => cause !== undefined)?.cause);
}
