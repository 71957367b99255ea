import type { Message } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { toEvents, toRecord } from './event.ts';

const arn = 'arn:aws:sqs:eu-west-1:123456789012:messages';

const message = (overrides: Message = {}): Message => ({
  MessageId: 'm-1',
  ReceiptHandle: 'r-1',
  Body: 'body',
  MD5OfBody: '841a2d689ad86bd1611447453c22c6fc',
  Attributes: {
    ApproximateReceiveCount: '2',
    SentTimestamp: '1700000000000',
    SenderId: '123456789012',
    ApproximateFirstReceiveTimestamp: '1700000001000',
    MessageGroupId: 'account-1',
  },
  ...overrides,
});

describe('toRecord', () => {
  it('carries a message in the spelling of Lambda', () => {
    const record = toRecord(
      message({
        MD5OfMessageAttributes: 'd3fe',
        MessageAttributes: {
          text: { DataType: 'String', StringValue: 'a' },
          bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
        },
      }),
      arn,
    );
    expect(record).toEqual({
      messageId: 'm-1',
      receiptHandle: 'r-1',
      body: 'body',
      attributes: {
        ApproximateReceiveCount: '2',
        SentTimestamp: '1700000000000',
        SenderId: '123456789012',
        ApproximateFirstReceiveTimestamp: '1700000001000',
        MessageGroupId: 'account-1',
      },
      messageAttributes: {
        text: { stringValue: 'a', stringListValues: [], binaryListValues: [], dataType: 'String' },
        bytes: { binaryValue: 'AQID', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
      },
      md5OfBody: '841a2d689ad86bd1611447453c22c6fc',
      md5OfMessageAttributes: 'd3fe',
      eventSource: 'aws:sqs',
      eventSourceARN: arn,
      awsRegion: 'eu-west-1',
    });
  });

  it('has no digest of attributes and an empty object when there are none', () => {
    const record = toRecord(message(), arn);
    expect(record.messageAttributes).toEqual({});
    expect(record).not.toHaveProperty('md5OfMessageAttributes');
  });

  it('refuses a message that was received without its system attributes', () => {
    expect(() => toRecord(message({ Attributes: { SenderId: '1' } }), arn)).toThrow(
      'expected all system attributes, found SenderId',
    );
  });
});

describe('toEvents', () => {
  const record = (bytes: number) => toRecord(message({ Body: 'x'.repeat(bytes) }), arn);

  it('makes one event of a batch', () => {
    const records = [record(10), record(20)];
    expect(toEvents(records)).toEqual([{ Records: records }]);
  });

  it('cuts a batch that is too large for one invocation, keeping the order', () => {
    const records = Array.from({ length: 10 }, () => record(1_048_576));
    const events = toEvents(records);
    expect(events.map(({ Records }) => Records.length)).toEqual([5, 5]);
    expect(events.flatMap(({ Records }) => Records)).toEqual(records);
    for (const event of events) {
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThanOrEqual(6 * 1_024 * 1_024);
    }
  });
});
