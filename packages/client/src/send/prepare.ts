import { PayloadError } from '../contract/index.ts';
import type {
  Clock,
  Ids,
  Message,
  PayloadProblem,
  PayloadSchema,
  PayloadWords,
  Span,
  Tracer,
} from '../contract/index.ts';
import { andThen, isPromise, type MaybePromise } from '@huntaze/kit';
import { identifierProblem, priorityProblem, serializeMessage } from '../contract/message.ts';
import { payloadError } from '../contract/payload.ts';
import { sizeProblem } from '../queue/packing.ts';
import type { OutgoingMessage } from '../queue/outgoing.ts';
import { traceFields, unknownFields } from './message-fields.ts';
import type { NewMessage } from './messages.ts';

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

interface PreparationOptions {
  readonly payload: PayloadSchema;
  readonly words: PayloadWords;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly tracer: Tracer;
  /** Decides which way a message with this key goes. Never rejects. */
  route(key: string): MaybePromise<'queue' | 'bypass'>;
}

/**
 * Checks a message and writes its body. The body is written before anything is awaited, so a host may
 * change its payload object as soon as the call returned; and it holds the payload as it was given,
 * not the schema's output, because the handler runs the schema again.
 */
export function preparation({ payload: schema, words, clock, ids, tracer, route }: PreparationOptions) {
  return function prepare(given: NewMessage<unknown>): MaybePromise<Prepared> {
    const { key, payload, priority = 'medium', id: ownId } = Object(given) as NewMessage<unknown>;
    const fresh = ownId === undefined;
    const id = fresh ? ids.next() : ownId;
    const headRefusal = checkHead({ key, id, priority }, unknownFields(given));
    const span = tracer.startSpan('rate-limiter.send', undefined, headRefusal ? {} : { messageId: id });
    const trace = traceFields(span.context);
    const message = { id, key, priority, enqueuedAtMs: Math.floor(clock.nowMs()), ...trace, payload };
    // Without a sound head only the payload can be checked: there is nothing to send.
    const body = writeBody(headRefusal ? ({ payload } as Message<unknown>) : message, words);

    return andThen(schemaRefusal(schema, payload, words), (payloadRefusal) => {
      const error = merge(headRefusal, body.refusal, payloadRefusal);
      if (error) {
        span.end(error);
        return { kind: 'refused', messageId: identifierProblem('id', id) ? undefined : id, error, bytes: 0 };
      }
      const { text, bytes } = body;
      const outgoing = { id, key, body: text, bytes, fresh };
      return andThen(route(key), (way) =>
        way === 'bypass'
          ? { kind: 'direct', message: outgoing, bytes: 0, span }
          : { kind: 'ready', message: outgoing, bytes, span },
      );
    });
  };
}

function checkHead(
  { key, id, priority }: Pick<NewMessage<unknown>, 'key' | 'id' | 'priority'>,
  unknown: readonly PayloadProblem[],
) {
  const problems = [
    identifierProblem('key', key),
    identifierProblem('id', id),
    priorityProblem('priority', priority),
    ...unknown,
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : new PayloadError(problems);
}

function writeBody(message: Message<unknown>, words: PayloadWords) {
  try {
    const text = serializeMessage(message);
    const bytes = Buffer.byteLength(text);
    const problem = sizeProblem(bytes);
    return { text, bytes, refusal: problem && new PayloadError([problem]) };
  } catch (error) {
    const refusal = error instanceof PayloadError ? error : unreadable(error, words);
    return { text: '', bytes: 0, refusal };
  }
}

function schemaRefusal(
  schema: PayloadSchema,
  payload: unknown,
  words: PayloadWords,
): MaybePromise<PayloadError | undefined> {
  const refusalOf = ({ issues }: Awaited<ReturnType<PayloadSchema['~standard']['validate']>>) =>
    issues && payloadError(schema, payload, issues, words);
  const refusing = (cause: unknown) => unreadable(cause, words);
  try {
    const result = schema['~standard'].validate(payload);
    return isPromise(result) ? result.then(refusalOf).then(undefined, refusing) : refusalOf(result);
  } catch (error) {
    return refusing(error);
  }
}

/**
 * Says so when something of the host's threw: a getter of the payload, or the schema itself. What it threw may quote the
 * payload, as a schema's messages may.
 */
function unreadable(cause: unknown, { schemaMessages = false }: PayloadWords): PayloadError {
  const where = schemaMessages ? 'see the cause' : 'schemaMessages: true shows the cause';
  const message = `expected data that can be checked, found that reading it throws: ${where}`;
  return new PayloadError([{ path: 'payload', message }], schemaMessages ? cause : undefined);
}

function merge(...given: readonly (PayloadError | undefined)[]): PayloadError | undefined {
  const refusals = given.filter((refusal) => refusal !== undefined);
  if (refusals.length === 0) return undefined;
  const problems = refusals.flatMap((refusal) => refusal.problems);
  return new PayloadError(problems, refusals.find(({ cause }) => cause !== undefined)?.cause);
}
