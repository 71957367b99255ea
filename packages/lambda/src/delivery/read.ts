import {
  isPayloadError,
  parseMessage,
  validatePayload,
  type Clock,
  type Message,
  type PayloadOutput,
  type PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import type { SqsRecord } from '../event.ts';
import { look, messageOf } from '../thrown.ts';
import { within } from '../within.ts';

/** One message of a batch. It has several records when SQS, or a client that repeated itself, delivered it twice. */
export interface Delivery<Payload = unknown> {
  readonly message: Message<Payload>;
  readonly records: readonly SqsRecord[];
}

/** Why a body can never be delivered. */
export type UnreadableReason = 'malformed-body' | 'unknown-version' | 'invalid-payload';

/** A record that no deployment of this handler could deliver. */
export interface Unreadable {
  readonly record: SqsRecord;
  readonly reason: UnreadableReason;
  /** What was expected and found; no content. */
  readonly detail: string;
}

/** What was read from one record. */
export type ReadRecord<Payload> =
  | { readonly kind: 'delivery'; readonly delivery: Delivery<Payload> }
  | ({ readonly kind: 'unreadable' } & Unreadable)
  /** The schema did not answer in time: the record stays in the queue. */
  | { readonly kind: 'undecided'; readonly record: SqsRecord };

/** Reads every record, in their order; a schema may take `timeoutMs`. Never throws. */
export async function readRecords<Schema extends PayloadSchema>(
  records: readonly SqsRecord[],
  schema: Schema,
  bounds: ReadBounds,
): Promise<readonly ReadRecord<PayloadOutput<Schema>>[]> {
  return await Promise.all(records.map((record) => readRecord(record, schema, bounds)));
}

interface ReadBounds {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Makes records of the same message one delivery. */
export function mergeTwins<Payload>(deliveries: readonly Delivery<Payload>[]): readonly Delivery<Payload>[] {
  const merged = Map.groupBy(deliveries, ({ message: { key, id } }) => JSON.stringify([key, id]));
  return [...merged.values()].map((twins) => ({
    message: twins[0]!.message,
    records: twins.flatMap(({ records }) => records),
  }));
}

async function readRecord<Schema extends PayloadSchema>(
  record: SqsRecord,
  schema: Schema,
  { clock, timeoutMs }: ReadBounds,
): Promise<ReadRecord<PayloadOutput<Schema>>> {
  const unreadable = (reason: UnreadableReason, detail: string) =>
    ({ kind: 'unreadable', record, reason, detail }) as const;
  const parsed = parseMessage(record.body);
  if (parsed.kind === 'unknown-version') return unreadable('unknown-version', parsed.detail);
  if (parsed.kind === 'malformed') return unreadable('malformed-body', parsed.detail);
  let time: AbortSignal | undefined;
  try {
    const payload = await within(clock, timeoutMs, (signal) => {
      time = signal;
      return validatePayload(schema, parsed.message.payload);
    });
    return { kind: 'delivery', delivery: { message: { ...parsed.message, payload }, records: [record] } };
  } catch (error) {
    if (time?.aborted) return { kind: 'undecided', record };
    const refused = look(() => isPayloadError(error), false);
    return unreadable('invalid-payload', refused ? messageOf(error) : 'the payload schema threw');
  }
}
