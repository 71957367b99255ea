import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { FIFO_QUEUE_ARN, listing, record, sqsEvent } from '../src/testing/records.ts';
import { busy, settled } from '../src/testing/scripted-limiter.ts';

describe('duplicates', () => {
  it('within one batch are delivered once and acknowledged both', async () => {
    const { handler, calls, limiter } = makeHandler();
    const twin = { id: 'same' };

    const response = await handler(
      sqsEvent(record({ messageId: 'sqs-1', message: twin }), record({ messageId: 'sqs-2', message: twin })),
    );

    expect(response).toEqual(listing());
    expect(calls).toHaveLength(1);
    expect(limiter.asked[0]?.candidates).toHaveLength(1);
  });

  it('within one batch are parked and listed together', async () => {
    const { handler, sqs } = makeHandler({ admissions: (nowMs) => [busy(nowMs + 90_000)] });
    const twin = { id: 'same' };

    const response = await handler(
      sqsEvent(record({ messageId: 'sqs-1', message: twin }), record({ messageId: 'sqs-2', message: twin })),
    );

    expect(response).toEqual(listing('sqs-1', 'sqs-2'));
    expect(sqs.parked).toEqual([
      { messageId: 'sqs-1', visibilitySeconds: 90 },
      { messageId: 'sqs-2', visibilitySeconds: 90 },
    ]);
  });

  it('are told apart by key and id together', async () => {
    const { handler, calls } = makeHandler();
    const of = (messageId: string, key: string, id: string) => record({ messageId, message: { key, id } });

    await handler(sqsEvent(of('1', 'A', 'x'), of('2', 'B', 'x'), of('3', 'A', 'y')));

    expect(calls.map(({ key, id }) => `${key} ${id}`)).toEqual(['A x', 'A y', 'B x']);
  });

  it.each(['delivered', 'dead'] as const)(
    'of a %s message are acknowledged without delivery',
    async (outcome) => {
      const { handler, calls, logs } = makeHandler({ admissions: [settled(outcome)] });

      expect(await handler(sqsEvent(record()))).toEqual(listing());
      expect(calls).toEqual([]);
      expect(logs).toEqual([
        { level: 'info', fields: { received: 1, duplicate: 1 }, message: 'a batch was handled' },
      ]);
    },
  );

  it('of a message that another worker delivers are parked until its lease ends', async () => {
    const { handler, calls, sqs } = makeHandler({ admissions: (nowMs) => [busy(nowMs + 41_500)] });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(calls).toEqual([]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 42 }]);
  });
});

describe('copies of a message in two batches that ask in the same turn', () => {
  it.each(['at-least-once', 'at-most-once'] as const)('are one delivery, %s', async (delivery) => {
    const clock = fakeClock();
    const made = makeHandler({ clock, delivery, limiter: memoryLimiter({ clock, coldStart: 'full' }) });

    const responses = await Promise.all([
      made.handler(sqsEvent(record({ messageId: 'copy-1', message: { id: 'same' } }))),
      made.handler(sqsEvent(record({ messageId: 'copy-2', message: { id: 'same' } }))),
    ]);

    expect(made.calls).toMatchObject([{ id: 'same', attempt: 1 }]);
    // The other copy asks again when the claim of the first would end, and is recognised then.
    expect(responses).toEqual([listing(), listing('copy-2')]);
    expect(made.sqs.deadLetters).toEqual([]);
  });

  it('are one delivery on a FIFO queue whose groups hold both', async () => {
    const clock = fakeClock();
    const made = makeHandler({ clock, limiter: memoryLimiter({ clock, coldStart: 'full' }) });
    const copy = (messageId: string, group: string) =>
      record({ messageId, group, message: { id: 'same' }, eventSourceARN: FIFO_QUEUE_ARN });

    await made.handler(sqsEvent(copy('copy-1', 'group-1'), copy('copy-2', 'group-2')));

    expect(made.calls).toMatchObject([{ id: 'same', attempt: 1 }]);
  });
});
