import { MAX_BYTES, isFifo } from '@huntaze/kit';
import { SendMessageCommand, type MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SqsRecord } from '../message/event.ts';
import type { SqsClient } from '../sqs/sqs-client.ts';

/** Why a message is set aside, in words and numbers that hold no payload content. */
export interface DeadLetterCause {
  readonly reason: string;
  /** The id in the envelope, or SQS's own for a body that could not be read: the same in every copy of the letter. */
  readonly messageId: string;
  readonly errorName?: string;
  readonly attempts: number;
  /** What was expected and found, for bodies that could not be read. */
  readonly detail?: string;
}

/** SQS allows the same characters in attributes as in bodies; reasons are cut to what a person reads. */
const FORBIDDEN = /[^\t\n\r\x20-\uD7FF\uE000-\uFFFD]/g;
const MAX_TEXT = 1_000;

/**
 * Sends a body to the dead-letter queue, with its cause as message attributes. A body that leaves no room for attributes
 * goes without.
 *
 * A worker that dies before it has recorded the letter makes another one send it again. A FIFO dead-letter queue
 * drops that copy within 5 minutes; elsewhere the attribute `messageId` tells that it is one.
 * @throws when SQS did not take it: the message must then stay in its own queue.
 */
export async function sendLetter(
  sqs: SqsClient,
  deadLetterQueueUrl: string,
  { messageId: sqsMessageId, attributes: received }: SqsRecord,
  body: string,
  { reason, messageId, errorName, attempts, detail }: DeadLetterCause,
  groupId: string | undefined,
): Promise<void> {
  const attributes: Record<string, MessageAttributeValue> = {
    reason: text(reason),
    messageId: text(messageId),
    attempts: { DataType: 'Number', StringValue: String(attempts) },
    firstReceivedAtMs: {
      DataType: 'Number',
      StringValue: received.ApproximateFirstReceiveTimestamp ?? '0',
    },
    ...(errorName && { errorName: text(errorName) }),
    ...(detail && { detail: text(detail) }),
  };
  const fifo = isFifo(deadLetterQueueUrl);
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: deadLetterQueueUrl,
      MessageBody: body,
      ...(fits(body, attributes) && { MessageAttributes: attributes }),
      ...(fifo && { MessageGroupId: groupId ?? sqsMessageId, MessageDeduplicationId: sqsMessageId }),
    }),
  );
}

function text(value: string): MessageAttributeValue {
  const cleaned = value.replace(FORBIDDEN, '\uFFFD').slice(0, MAX_TEXT);
  return { DataType: 'String', StringValue: cleaned === '' ? 'unspecified' : cleaned };
}

function fits(body: string, attributes: Record<string, MessageAttributeValue>): boolean {
  const size = Object.entries(attributes)
    .flatMap(([name, { DataType = '', StringValue = '' }]) => [name, DataType, StringValue])
    .reduce((bytes, part) => bytes + Buffer.byteLength(part), Buffer.byteLength(body));
  return size <= MAX_BYTES;
}
