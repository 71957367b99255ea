import { errorMessage, errorName, withTimeout } from '@huntaze/kit';
import {
  checkPayload,
  parseMessage,
  type Clock,
  type Message,
  type PayloadSchema,
} from '@huntaze/rate-limiter-client/contract';
import type { AdmissionPolicyOf } from './admission-policy.ts';
import type { SqsRecord } from './event.ts';
import type { Received, UnreadableReason } from './received.ts';

/** The settings for reading records. */
export interface ReadOptions<Payload> {
  readonly payload: PayloadSchema<unknown, Payload>;
  /** Whether the schema's own words, which may quote the payload, are repeated. */
  readonly schemaMessages: boolean;
  readonly policyOf: AdmissionPolicyOf<Payload>;
  readonly clock: Clock;
  /** The longest time for the schema, and then for the host's own functions, per record. */
  readonly timeoutMs: number;
}

/** Reads every record, in order. Never rejects. */
export async function readMessages<Payload>(
  options: ReadOptions<Payload>,
  records: readonly SqsRecord[],
): Promise<readonly Received<Payload>[]> {
  return await Promise.all(records.map((record) => readMessage(options, record)));
}

async function readMessage<Payload>(
  options: ReadOptions<Payload>,
  record: SqsRecord,
): Promise<Received<Payload>> {
  const records = [record] as const;
  const unreadable = (reason: UnreadableReason, detail: string) =>
    ({ kind: 'unreadable', records, reason, detail }) as const;
  const undecided = (cause: string) => ({ kind: 'undecided', records, cause }) as const;

  const parsed = parseMessage(record.body);
  if (parsed.kind === 'unknown-version') return unreadable('unknown-version', parsed.detail);
  if (parsed.kind === 'malformed') return unreadable('malformed-body', parsed.detail);

  const checked = await checkInTime(options, parsed.message);
  if (checked.kind === 'timeout') return undecided('the payload schema did not answer in time');
  if (checked.kind === 'threw')
    return unreadable('invalid-payload', `the payload schema threw${checked.said}`);
  if (checked.kind === 'refused') return unreadable('invalid-payload', checked.error.message);

  const message = { ...parsed.message, payload: checked.value };
  try {
    const policy = await withTimeout({ clock: options.clock, timeoutMs: options.timeoutMs }, () =>
      options.policyOf(message),
    );
    if ('impossible' in policy) return unreadable('invalid-cost', policy.impossible);
    return { kind: 'message', message, policy, records };
  } catch (error) {
    return undecided(`its limits could not be told: ${errorName(error)}`);
  }
}

async function checkInTime<Payload>(
  { payload, schemaMessages, clock, timeoutMs }: ReadOptions<Payload>,
  message: Message<unknown>,
) {
  let time: AbortSignal | undefined;
  try {
    return await withTimeout({ clock, timeoutMs }, (signal) => {
      time = signal;
      return checkPayload(payload, message.payload, { schemaMessages });
    });
  } catch (error) {
    if (time?.aborted) return { kind: 'timeout' } as const;
    return { kind: 'threw', said: schemaMessages ? `: ${errorMessage(error)}` : '' } as const;
  }
}

/**
 * Joins the records of one message, at the place of the first.
 * @param apart separates records that must stay apart. Default: joins all records of a message.
 */
export function mergeDuplicates<Payload>(
  received: readonly Received<Payload>[],
  apart: (record: SqsRecord) => string = () => '',
): readonly Received<Payload>[] {
  const groups = Map.groupBy(received, (one) => {
    if (one.kind !== 'message') return one;
    const { key, id, life } = one.message;
    return JSON.stringify([key, id, life, apart(one.records[0])]);
  });
  return [...groups.values()].map((duplicates) => {
    const [first] = duplicates as [Received<Payload>];
    if (first.kind !== 'message') return first;
    const [record, ...others] = duplicates.flatMap(({ records }) => [...records]);
    return { ...first, records: [record!, ...others] };
  });
}
