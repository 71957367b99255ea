import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_LETTER_QUEUE_URL, makeClient, mockSqs, QUEUE_URL } from './client.fixture.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const attributes = (waiting: unknown, hidden: unknown, delayed: unknown) => ({
  Attributes: {
    ApproximateNumberOfMessages: waiting as string,
    ApproximateNumberOfMessagesNotVisible: hidden as string,
    ApproximateNumberOfMessagesDelayed: delayed as string,
  },
});
const bothQueues = { deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL };
const down = Object.assign(new Error('no'), { name: 'AccessDenied' });

describe('status', () => {
  it('counts both queues', async () => {
    sqs
      .on(GetQueueAttributesCommand, { QueueUrl: QUEUE_URL })
      .resolves(attributes('12', '3', '0'))
      .on(GetQueueAttributesCommand, { QueueUrl: DEAD_LETTER_QUEUE_URL })
      .resolves(attributes('1', '0', '0'));
    const { client, clock } = makeClient(bothQueues);

    expect(await client.status()).toEqual({
      queue: { waiting: 12, hidden: 3, delayed: 0 },
      deadLetters: { waiting: 1, hidden: 0, delayed: 0 },
      checkedAtMs: clock.nowMs(),
    });
  });

  it('says that it knows of no dead-letter queue', async () => {
    sqs.on(GetQueueAttributesCommand).resolves(attributes('0', '0', '0'));

    expect((await makeClient().client.status()).deadLetters).toEqual({
      unavailable: 'no deadLetterQueueUrl was given',
    });
    expect(sqs.commandCalls(GetQueueAttributesCommand)).toHaveLength(1);
  });

  it('gives the part that can be read when the other cannot, and warns', async () => {
    sqs
      .on(GetQueueAttributesCommand, { QueueUrl: QUEUE_URL })
      .rejects(down)
      .on(GetQueueAttributesCommand, { QueueUrl: DEAD_LETTER_QUEUE_URL })
      .resolves(attributes('1', '0', '0'));
    const { client, heard } = makeClient(bothQueues);

    expect(await client.status()).toMatchObject({
      queue: { unavailable: 'AccessDenied: grant sqs:SendMessage and sqs:GetQueueAttributes on the queue' },
      deadLetters: { waiting: 1 },
    });
    expect(heard.logs).toMatchObject([{ level: 'warn', fields: { queueUrl: QUEUE_URL } }]);
  });

  it('does not throw when nothing answers', async () => {
    sqs.on(GetQueueAttributesCommand).rejects(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));

    expect(await makeClient(bothQueues).client.status()).toMatchObject({
      queue: { unavailable: 'ENOTFOUND: the network or SQS did not answer' },
      deadLetters: { unavailable: 'ENOTFOUND: the network or SQS did not answer' },
    });
  });

  it('asks both queues at the same time', async () => {
    const asked: unknown[] = [];
    sqs.on(GetQueueAttributesCommand).callsFake(({ QueueUrl }) => {
      asked.push(QueueUrl);
      return new Promise(() => {});
    });
    const { client, clock } = makeClient(bothQueues);

    void client.status();
    await clock.advance(0);

    expect(asked).toEqual([QUEUE_URL, DEAD_LETTER_QUEUE_URL]);
  });

  it.each([
    ['a count is missing', attributes('1', undefined, '0')],
    ['a count is no number', attributes('many', '0', '0')],
    ['a count is empty', attributes('', '0', '0')],
    ['there are no attributes', {}],
    ['there is no answer', undefined],
  ])('calls a queue unavailable when %s', async (_, answer) => {
    sqs.on(GetQueueAttributesCommand).callsFake(() => answer);

    expect((await makeClient().client.status()).queue).toEqual({
      unavailable: 'expected three counts from GetQueueAttributes, found others missing',
    });
  });
});
