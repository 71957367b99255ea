import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type MessageAttributeValue,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { startSqs, type SqsServer } from './server.ts';

describe('startSqs', () => {
  let sqs: SqsServer;
  beforeAll(async () => {
    sqs = await startSqs();
  });
  afterAll(() => sqs.stop());

  const send = async (
    queueUrl: string,
    body: string,
    attributes: Record<string, MessageAttributeValue> = {},
  ) =>
    sqs.client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, MessageAttributes: attributes }),
    );
  const receive = async (queueUrl: string) =>
    (await sqs.client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }))).Messages ?? [];

  it('listens on 127.0.0.1 alone', () => {
    expect(new URL(sqs.endpoint).hostname).toBe('127.0.0.1');
  });

  it('creates a queue with its dead-letter queue', async () => {
    const queue = await sqs.createQueue({ name: 'plain', visibilitySeconds: 30 });
    expect(queue).toEqual({
      queueUrl: `${sqs.endpoint}/000000000000/plain`,
      deadLetterQueueUrl: `${sqs.endpoint}/000000000000/plain-dead-letters`,
      arn: 'arn:aws:sqs:us-east-1:000000000000:plain',
    });
  });

  it('creates FIFO queues, whose groups it keeps', async () => {
    const { queueUrl, deadLetterQueueUrl } = await sqs.createQueue({
      name: 'ordered',
      visibilitySeconds: 30,
      fifo: true,
    });
    expect([queueUrl, deadLetterQueueUrl].every((url) => url.endsWith('.fifo'))).toBe(true);
    await sqs.client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: 'body',
        MessageGroupId: 'group',
        MessageDeduplicationId: '1',
      }),
    );
    expect(await sqs.readAll(queueUrl)).toMatchObject([{ body: 'body', groupId: 'group' }]);
  });

  it('reads messages in every state without receiving them', async () => {
    const { queueUrl } = await sqs.createQueue({ name: 'states', visibilitySeconds: 30 });
    await send(queueUrl, 'hidden');
    const receivedAtMs = Date.now();
    await receive(queueUrl);
    await send(queueUrl, 'waiting', {
      reason: { DataType: 'String', StringValue: 'malformed' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
    });
    await sqs.client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'delayed', DelaySeconds: 60 }),
    );
    const messages = await sqs.readAll(queueUrl);
    expect(messages).toMatchObject([
      { body: 'waiting', state: 'waiting', receives: 0, attributes: { reason: 'malformed', bytes: 'AQID' } },
      { body: 'hidden', state: 'hidden', receives: 1, attributes: {} },
      { body: 'delayed', state: 'delayed', receives: 0 },
    ]);
    const [, hidden] = messages;
    const hiddenForMs = hidden?.state === 'hidden' ? hidden.visibleAtMs - receivedAtMs : 0;
    expect(hiddenForMs).toBeGreaterThanOrEqual(30_000);
    expect(hiddenForMs).toBeLessThan(32_000);
    expect(await sqs.counts(queueUrl)).toEqual({ waiting: 1, hidden: 1, delayed: 1 });
  });

  it('counts a message whose visibility has ended as waiting', async () => {
    const { queueUrl } = await sqs.createQueue({ name: 'expired', visibilitySeconds: 30 });
    await send(queueUrl, 'body');
    const [message] = await receive(queueUrl);
    await sqs.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: message?.ReceiptHandle,
        VisibilityTimeout: 1,
      }),
    );
    expect(await sqs.counts(queueUrl)).toEqual({ waiting: 0, hidden: 1, delayed: 0 });
    await until('the message to be visible', async () => (await sqs.counts(queueUrl)).waiting === 1);
  });

  it('names the queue that is not there', async () => {
    await expect(sqs.readAll(`${sqs.endpoint}/000000000000/none`)).rejects.toThrow(
      'found none: create it first',
    );
  });

  it('ends a waiting poll when it stops', async () => {
    const own = await startSqs();
    const { queueUrl } = await own.createQueue({ name: 'polled', visibilitySeconds: 30 });
    const poll = own.client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }));
    const ended = poll.then(
      () => 'ended',
      () => 'ended',
    );
    await own.stop();
    await own.stop();
    expect(await ended).toBe('ended');
  });
});
