import { expect, it } from 'vitest';
import { makeHandler } from '../src/testing/make-handler.ts';
import { listing, QUEUE_URL, record, sqsEvent } from '../src/testing/records.ts';

it.each([
  QUEUE_URL,
  'https://sqs.eu-west-1.api.aws/123456789012/messages',
  'https://vpce-1.sqs.eu-west-1.vpce.amazonaws.com/123456789012/messages',
])('a queue that is its own dead-letter queue is left alone, and the log says why: %s', async (url) => {
  const { handler, calls, sqs, logs } = makeHandler({ deadLetterQueueUrl: url });
  const unreadable = { ...record({ messageId: 'm-2' }), body: 'no envelope' };

  expect(await handler(sqsEvent(record(), unreadable))).toEqual(listing('m-1', 'm-2'));
  expect([calls, sqs.deadLetters]).toEqual([[], []]);
  const cause = 'expected another deadLetterQueueUrl, found the queue itself';
  expect(logs).toContainEqual(
    expect.objectContaining({ level: 'error', fields: expect.objectContaining({ cause }) as unknown }),
  );
});
