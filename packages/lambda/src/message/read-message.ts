import {
  checkPayload,
  parseMessage,
  type Clock,
  type Message,
  type CheckedPayload,
  type PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import type { SqsRecord } from './event.ts';
import { messageOf, nameOf } from '../thrown.ts';
import { within } from '../within.ts';
import type { Terms, TermsOf } from './admission-policy.ts';

/** One message of a batch. It has several records when SQS, or a client that repeated itself, delivered it twice. */
export interface Delivery<Payload = unknown> {
  readonly message: Message<Payload>;
  readonly terms: Terms;
  readonly records: readonly SqsRecord[];
}

/** Why a body can never be delivered. */
export type UnreadableReason = 'malformed-body' | 'unknown-version' | 'invalid-payload' | 'invalid-cost';

/** A record that no deployment of this handler could deliver. */
export interface Unreadable {
  readonly record: SqsRecord;
  readonly reason: UnreadableReason;
  /** What was expected and found; no content. */
  readonly detail: string;
}

/** A record that stays in the queue: its schema did not answer in time, or the host could not tell its limits. */
export interface Undecided {
  readonly record: SqsRecord;
  readonly cause: string;
}

/** What was read from one record. */
export type ReadRecord<Payload> =
  | { readonly kind: 'delivery'; readonly delivery: Delivery<Payload> }
  | ({ readonly kind: 'unreadable' } & Unreadable)
  | ({ readonly kind: 'undecided' } & Undecided);

/** What records are read with. */
export interface Reading<Payload> {
  readonly payload: PayloadSchema<unknown, Payload>;
  /** Whether the schema's own words, which may quote the payload, are repeated. */
  readonly schemaMessages: boolean;
  readonly termsOf: TermsOf<Payload>;
  readonly clock: Clock;
  /** How long the schema, and then the host's own functions, may take for one record. */
  readonly timeoutMs: number;
}

/** Reads every record, in their order. Never throws. */
export async function readRecords<Payload>(
  records: readonly SqsRecord[],
  reading: Reading<Payload>,
): Promise<readonly ReadRecord<Payload>[]> {
  return await Promise.all(records.map((record) => readRecord(record, reading)));
}

/**
 * Makes records of the same message one delivery, at the place of the first.
 * @param apart tells apart what is not to be one. Default: nothing.
 */
export function mergeTwins<Payload>(
  read: readonly ReadRecord<Payload>[],
  apart: (record: SqsRecord) => string = () => '',
): readonly ReadRecord<Payload>[] {
  const identityOf = ({ message: { key, id, life }, records: [record] }: Delivery<Payload>) =>
    JSON.stringify([key, id, life, apart(record!)]);
  const merged = Map.groupBy(read, (one) =>
    one.kind === 'delivery' ? identityOf(one.delivery) : one.record,
  );
  return [...merged.values()].map((twins) => {
    const [first] = twins as [ReadRecord<Payload>];
    if (first.kind !== 'delivery') return first;
    return { kind: 'delivery', delivery: { ...first.delivery, records: twins.flatMap(recordsOf) } };
  });
}

/** The records of which something was read. */
export function recordsOf(read: ReadRecord<unknown>): readonly SqsRecord[] {
  return read.kind === 'delivery' ? read.delivery.records : [read.record];
}

async function readRecord<Payload>(
  record: SqsRecord,
  reading: Reading<Payload>,
): Promise<ReadRecord<Payload>> {
  const unreadable = (reason: UnreadableReason, detail: string) =>
    ({ kind: 'unreadable', record, reason, detail }) as const;
  const parsed = parseMessage(record.body);
  if (parsed.kind === 'unknown-version') return unreadable('unknown-version', parsed.detail);
  if (parsed.kind === 'malformed') return unreadable('malformed-body', parsed.detail);
  const { clock, timeoutMs } = reading;
  let time: AbortSignal | undefined;
  let checked: CheckedPayload<Payload>;
  try {
    checked = await within(clock, timeoutMs, (signal) => {
      time = signal;
      return checkPayload(reading.payload, parsed.message.payload, reading);
    });
  } catch (error) {
    if (time?.aborted)
      return { kind: 'undecided', record, cause: 'the payload schema did not answer in time' };
    const said = reading.schemaMessages ? `: ${messageOf(error)}` : '';
    return unreadable('invalid-payload', `the payload schema threw${said}`);
  }
  if (checked.kind === 'refused') return unreadable('invalid-payload', checked.error.message);
  const message = { ...parsed.message, payload: checked.value };
  try {
    const terms = await within(clock, timeoutMs, () => reading.termsOf(message));
    if ('never' in terms) return unreadable('invalid-cost', terms.never);
    return { kind: 'delivery', delivery: { message, terms, records: [record] } };
  } catch (error) {
    return { kind: 'undecided', record, cause: `its limits could not be told: ${nameOf(error)}` };
  }
}
