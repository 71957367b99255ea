import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSMessageAttribute, SQSRecord, SQSRecordAttributes } from 'aws-lambda';

/** A synchronous invocation's payload: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_PAYLOAD_BYTES = 6 * 1_024 * 1_024;

/**
 * The record that Lambda makes of a received message: the same facts in Lambda's spelling
 * (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html).
 * @throws {Error} when SQS left out what it always gives: then the receive did not ask for it.
 */
export function toRecord(message: Message, queueArn: string): SQSRecord {
  return {
    messageId: required(message, 'MessageId'),
    receiptHandle: required(message, 'ReceiptHandle'),
    body: required(message, 'Body'),
    attributes: recordAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [name, toAttribute(value)]),
    ),
    md5OfBody: required(message, 'MD5OfBody'),
    ...(message.MD5OfMessageAttributes !== undefined && {
      md5OfMessageAttributes: message.MD5OfMessageAttributes,
    }),
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: queueArn.split(':')[3] ?? '',
  };
}

/** Cuts a batch into events that Lambda accepts, in order: one, unless the bodies together are too large. */
export function toEvents(records: readonly SQSRecord[]): readonly SQSEvent[] {
  const events: { Records: SQSRecord[] }[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record)) + 1;
    if (bytes + size > MAX_PAYLOAD_BYTES) {
      events.push({ Records: [] });
      bytes = Buffer.byteLength('{"Records":[]}');
    }
    events.at(-1)?.Records.push(record);
    bytes += size;
  }
  return events;
}

function recordAttributes(message: Message): SQSRecordAttributes {
  const attributes: Partial<Record<string, string>> = required(message, 'Attributes');
  const { ApproximateReceiveCount, SentTimestamp, SenderId, ApproximateFirstReceiveTimestamp } = attributes;
  if (
    ApproximateReceiveCount === undefined ||
    SentTimestamp === undefined ||
    SenderId === undefined ||
    ApproximateFirstReceiveTimestamp === undefined
  ) {
    throw new Error(`expected all system attributes, found ${Object.keys(attributes).join(', ')}`);
  }
  return {
    ...attributes,
    ApproximateReceiveCount,
    SentTimestamp,
    SenderId,
    ApproximateFirstReceiveTimestamp,
  };
}

/** The lists are "not implemented, reserved for future use", and present nevertheless. */
function toAttribute({ StringValue, BinaryValue, DataType }: MessageAttributeValue): SQSMessageAttribute {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType ?? 'String',
  };
}

function required<Name extends keyof Message>(message: Message, name: Name): NonNullable<Message[Name]> {
  const value = message[name];
  if (value === undefined || value === null)
    throw new Error(`expected a received message with ${name}, found none`);
  return value;
}
