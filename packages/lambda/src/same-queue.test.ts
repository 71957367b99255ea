import { expect, it } from 'vitest';
import { makeHandler } from './testing/make-handler.ts';
import { listing, QUEUE_URL, record, sqsEvent } from './testing/records.ts';

it('a queue that is its own dead-letter queue is left alone, and the log says why', async () => {
  const { handler, calls, sqs, logs } = makeHandler({ deadLetterQueueUrl: QUEUE_URL });
  const unreadable = { ...record({ messageId: 'm-2' }), body: 'no envelope' };

  expect(await handler(sqsEvent(record(), unreadable))).toEqual(listing('m-1', 'm-2'));
  expect([calls, sqs.deadLetters]).toEqual([[], []]);
  const cause = 'expected another deadLetterQueueUrl, found the queue itself';
  expect(logs).toContainEqual(
    expect.objectContaining({ level: 'error', fields: expect.objectContaining({ cause }) as unknown }),
  );
});
