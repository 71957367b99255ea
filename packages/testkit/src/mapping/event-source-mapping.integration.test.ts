import {
  ChangeMessageVisibilityCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startSqs, type SqsServer, type TestQueue, type TestQueueOptions } from '../sqs/server.ts';
import { until } from '../until.ts';
import { startEventSourceMapping, type EventSourceMapping } from './event-source-mapping.ts';
import type { LambdaHandler } from './invoke.ts';

describe('the event source mapping on an SQS server', () => {
  let sqs: SqsServer;
  let mapping: EventSourceMapping | undefined;
  let names = 0;

  beforeAll(async () => {
    sqs = await startSqs();
  });
  afterAll(() => sqs.stop());
  afterEach(() => mapping?.stop());

  const createQueue = (options: Partial<TestQueueOptions> = {}) =>
    sqs.createQueue({ name: `queue-${++names}`, visibilitySeconds: 30, ...options });
  const send = ({ queueUrl }: TestQueue, body: string, input: Partial<SendMessageCommandInput> = {}) =>
    sqs.client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, ...input }));
  const connect = async ({ queueUrl, arn }: TestQueue, handler: LambdaHandler) =>
    (mapping = await startEventSourceMapping({
      sqs: sqs.client,
      queueUrl,
      queueArn: arn,
      handler,
      functionTimeoutMs: 1_000,
    }));
  const isEmpty = async ({ queueUrl }: TestQueue) => (await sqs.readAll(queueUrl)).length === 0;
  const failAll = (event: SQSEvent) => ({
    batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })),
  });

  it('hands a message over in the shape of Lambda and deletes it', async () => {
    const queue = await createQueue();
    const records: SQSRecord[] = [];
    const sent = await send(queue, 'body', {
      MessageAttributes: {
        text: { DataType: 'String', StringValue: 'a' },
        bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
      },
    });
    const { stats } = await connect(queue, (event) => void records.push(...event.Records));
    await until('the message to be deleted', () => isEmpty(queue));
    // The queue is empty before the reply to the deletion arrives, and is counted.
    await mapping?.stop();
    expect(records).toEqual([
      {
        messageId: sent.MessageId,
        receiptHandle: expect.any(String),
        body: 'body',
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
        },
        messageAttributes: {
          text: { stringValue: 'a', stringListValues: [], binaryListValues: [], dataType: 'String' },
          bytes: { binaryValue: 'AQID', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        md5OfBody: sent.MD5OfMessageBody,
        md5OfMessageAttributes: sent.MD5OfMessageAttributes,
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
        awsRegion: 'us-east-1',
      },
    ]);
    expect(stats).toMatchObject({ invocations: 1, deleted: 1 });
  });

  it('delivers a failed message again after its visibility, and the done one never', async () => {
    const queue = await createQueue({ visibilitySeconds: 5 });
    await send(queue, 'fails once');
    await send(queue, 'works');
    const seen: { body: string; atMs: number }[] = [];
    await connect(queue, (event) => {
      seen.push(...event.Records.map(({ body }) => ({ body, atMs: performance.now() })));
      return failAll({
        Records: event.Records.filter(
          ({ body, attributes }) => body === 'fails once' && attributes.ApproximateReceiveCount === '1',
        ),
      });
    });
    await until('both messages to be deleted', () => isEmpty(queue));
    expect(seen.map(({ body }) => body).toSorted()).toEqual(['fails once', 'fails once', 'works']);
    const [first, second] = seen.filter(({ body }) => body === 'fails once');
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(4_900);
  });

  it('lets SQS move a message to the dead-letter queue after its last receive', async () => {
    const queue = await createQueue({ visibilitySeconds: 1, maxReceiveCount: 2 });
    await send(queue, 'poison', {
      MessageAttributes: { origin: { DataType: 'String', StringValue: 'test' } },
    });
    const { stats } = await connect(queue, failAll);
    await until('a dead letter', async () => (await sqs.counts(queue.deadLetterQueueUrl)).waiting === 1);
    expect(await isEmpty(queue)).toBe(true);
    expect(await sqs.readAll(queue.deadLetterQueueUrl)).toMatchObject([
      { body: 'poison', attributes: { origin: 'test' } },
    ]);
    expect(stats).toMatchObject({ invocations: 2, deleted: 0 });
  });

  it('honours the visibility that the handler gave a message before listing it', async () => {
    const queue = await createQueue({ visibilitySeconds: 30 });
    await send(queue, 'parked');
    const atMs: number[] = [];
    await connect(queue, async (event) => {
      atMs.push(performance.now());
      if (atMs.length > 1) return undefined;
      const [record] = event.Records;
      await sqs.client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queue.queueUrl,
          ReceiptHandle: record?.receiptHandle,
          VisibilityTimeout: 2,
        }),
      );
      return failAll(event);
    });
    await until('the message to be parked', async () => (await sqs.counts(queue.queueUrl)).hidden === 1);
    await until('the message to be deleted', () => isEmpty(queue));
    const [first = 0, second = 0] = atMs;
    expect(second - first).toBeGreaterThan(1_900);
    // Of the queue's own it would be 30 s.
    expect(second - first).toBeLessThan(29_000);
  });

  it('keeps a FIFO group in order, also across a failure', async () => {
    const queue = await createQueue({ visibilitySeconds: 2, fifo: true });
    for (const body of ['1', '2', '3']) {
      await send(queue, body, { MessageGroupId: 'group', MessageDeduplicationId: body });
    }
    const seen: string[] = [];
    await connect(queue, (event) => {
      seen.push(...event.Records.map(({ body }) => body));
      return seen.length === 1 ? failAll(event) : undefined;
    });
    await until('all messages to be deleted', () => isEmpty(queue));
    expect(seen).toEqual(['1', '1', '2', '3']);
  });

  it('loses no message to a poll that was waiting when it stopped', async () => {
    const queue = await createQueue({ visibilitySeconds: 30 });
    const seen: string[] = [];
    const handler = (event: SQSEvent) => void seen.push(...event.Records.map(({ body }) => body));
    const first = await connect(queue, handler);
    await first.stop();
    await send(queue, 'after the stop');
    await connect(queue, handler);
    await until('the message', () => seen.length > 0);
    expect(seen).toEqual(['after the stop']);
  });

  it('moves five hundred messages without losing or repeating one', async () => {
    const queue = await createQueue({ visibilitySeconds: 30 });
    await Promise.all(Array.from({ length: 500 }, (_, index) => send(queue, String(index))));
    const seen: string[] = [];
    const { stats } = await connect(
      queue,
      (event) => void seen.push(...event.Records.map(({ body }) => body)),
    );
    await until('all messages to be deleted', () => isEmpty(queue));
    await mapping?.stop();
    expect(new Set(seen).size).toBe(500);
    expect(seen).toHaveLength(500);
    expect(stats).toMatchObject({ deleted: 500, failedBatches: 0, notDeleted: 0, failedPolls: 0 });
    expect(new Set(stats.receives.values())).toEqual(new Set([1]));
  });
});
