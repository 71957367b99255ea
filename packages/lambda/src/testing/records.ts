import { serializeMessage, type Clock, type Message } from '@huntaze/rate-limiter-client/contract';
import type { BatchResponse, InvocationContext, SqsEvent, SqsRecord } from '../message/event.ts';

export const FIFO_QUEUE_ARN = 'arn:aws:sqs:eu-west-1:123456789012:messages.fifo';
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:123456789012:messages';
export const QUEUE_URL = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';
export const DEAD_LETTER_QUEUE_URL = `${QUEUE_URL}-dead`;

/** When the messages of {@link message} were enqueued: one second before a fake clock starts. */
export const ENQUEUED_AT_MS = Date.UTC(2025, 11, 31, 23, 59, 59);

/** When the records of {@link record} were first received. */
export const FIRST_RECEIVED_AT_MS = ENQUEUED_AT_MS + 400;

/** A message of `account-1`, as a client sends it. */
export function message(overrides: Partial<Message> = {}): Message {
  return {
    id: 'm-1',
    key: 'account-1',
    priority: 'medium',
    payload: { text: 'hello' },
    enqueuedAtMs: ENQUEUED_AT_MS,
    ...overrides,
  };
}

export interface RecordOverrides {
  /** SQS's id, which is also the message's own unless `message` says otherwise. */
  readonly messageId?: string;
  readonly message?: Partial<Message>;
  /** Instead of a message: any text. */
  readonly body?: string;
  readonly receives?: number;
  /** When SQS took it. Default: {@link ENQUEUED_AT_MS}. */
  readonly sentAtMs?: number;
  readonly eventSourceARN?: string;
  /** The group of a FIFO queue, or of a fair one. */
  readonly group?: string;
}

/** A received message, as Lambda hands it over. Its receipt handle tells {@link fakeSqs} its id. */
export function record(overrides: RecordOverrides = {}): SqsRecord {
  const { messageId = 'm-1', receives = 1, eventSourceARN = QUEUE_ARN } = overrides;
  return {
    messageId,
    receiptHandle: `handle of ${messageId}`,
    body: overrides.body ?? serializeMessage(message({ id: messageId, ...overrides.message })),
    attributes: {
      ...(overrides.group !== undefined && { MessageGroupId: overrides.group }),
      ApproximateReceiveCount: String(receives),
      ApproximateFirstReceiveTimestamp: String(FIRST_RECEIVED_AT_MS),
      SentTimestamp: String(overrides.sentAtMs ?? ENQUEUED_AT_MS),
    },
    eventSourceARN,
  };
}

/** Records `m-1` to `m-<count>`, of one key. */
export function records(count: number): SqsRecord[] {
  return Array.from({ length: count }, (_, index) => record({ messageId: `m-${index + 1}` }));
}

export function sqsEvent(...Records: readonly SqsRecord[]): SqsEvent {
  return { Records };
}

/** A context whose time runs out `remainingMs` from now. */
export function lambdaContext(clock: Clock, remainingMs = 30_000): InvocationContext {
  const endMs = clock.monotonicMs() + remainingMs;
  return { getRemainingTimeInMillis: () => Math.max(0, endMs - clock.monotonicMs()) };
}

/** The response that lists these messages as not finished. */
export function listing(...messageIds: readonly string[]): BatchResponse {
  return { batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })) };
}
