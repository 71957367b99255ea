import {
  isPayloadError,
  parseMessage,
  validatePayload,
  type Message,
  type PayloadOutput,
  type PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import type { SqsRecord } from '../event.ts';
import { look, messageOf } from '../thrown.ts';

/** One message of a batch. It has several records when SQS, or a client that repeated itself, delivered it twice. */
export interface Delivery<Payload = unknown> {
  readonly message: Message<Payload>;
  readonly records: readonly SqsRecord[];
}

/** Why a body can never be delivered. */
export type UnreadableReason = 'malformed-body' | 'unknown-version' | 'invalid-payload';

export interface Unreadable {
  readonly record: SqsRecord;
  readonly reason: UnreadableReason;
  /** What was expected and found; no content. */
  readonly detail: string;
}

export interface ReadBatch<Payload> {
  readonly deliveries: readonly Delivery<Payload>[];
  readonly unreadable: readonly Unreadable[];
}

/** Reads every record, sorting out those that no deployment of this handler could deliver. Never throws. */
export async function readBatch<Schema extends PayloadSchema>(
  records: readonly SqsRecord[],
  schema: Schema,
): Promise<ReadBatch<PayloadOutput<Schema>>> {
  const read = await Promise.all(records.map((record) => readRecord(record, schema)));
  const deliveries = new Map<string, { message: Message<PayloadOutput<Schema>>; records: SqsRecord[] }>();
  const unreadable: Unreadable[] = [];
  for (const result of read) {
    if ('reason' in result) {
      unreadable.push(result);
      continue;
    }
    const { message, record } = result;
    const identity = JSON.stringify([message.key, message.id]);
    const twin = deliveries.get(identity);
    if (twin) twin.records.push(record);
    else deliveries.set(identity, { message, records: [record] });
  }
  return { deliveries: [...deliveries.values()], unreadable };
}

async function readRecord<Schema extends PayloadSchema>(
  record: SqsRecord,
  schema: Schema,
): Promise<Unreadable | { readonly record: SqsRecord; readonly message: Message<PayloadOutput<Schema>> }> {
  const parsed = parseMessage(record.body);
  if (parsed.kind === 'unknown-version') return { record, reason: 'unknown-version', detail: parsed.detail };
  if (parsed.kind === 'malformed') return { record, reason: 'malformed-body', detail: parsed.detail };
  try {
    const payload = await validatePayload(schema, parsed.message.payload);
    return { record, message: { ...parsed.message, payload } };
  } catch (error) {
    const refused = look(() => isPayloadError(error), false);
    return {
      record,
      reason: 'invalid-payload',
      detail: refused ? messageOf(error) : 'the payload schema threw',
    };
  }
}
