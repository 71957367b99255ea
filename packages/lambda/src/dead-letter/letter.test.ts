import { PermanentError } from '@huntaze/rate-limiter-client/contract';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../testing/make-handler.ts';
import { FIRST_RECEIVED_AT_MS, listing, record, sqsEvent } from '../testing/records.ts';

const fails = (error: unknown) => async () => {
  throw error;
};
const sqsDown = {
  bury() {
    throw Object.assign(new Error('no'), { name: 'QueueDoesNotExist' });
  },
};

describe('a permanent error', () => {
  it('makes a dead letter at once, with its reason', async () => {
    const { handler, sqs, limiter } = makeHandler({
      deliver: fails(new PermanentError('recipient is gone')),
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing());

    expect(sqs.deadLetters[0]?.attributes).toEqual({
      reason: 'recipient is gone',
      messageId: 'm-1',
      errorName: 'PermanentError',
      attempts: '1',
      firstReceivedAtMs: String(FIRST_RECEIVED_AT_MS),
    });
    expect(limiter.settlements).toMatchObject([{ outcome: 'dead' }]);
  });

  it('is recognised from another copy of the package, by its code', async () => {
    const foreign = Object.assign(new Error('gone'), { code: 'PERMANENT', name: 'PermanentError' });
    const { handler, sqs } = makeHandler({ deliver: fails(foreign) });

    await handler(sqsEvent(record()));

    expect(sqs.deadLetters[0]?.attributes).toMatchObject({ reason: 'gone', errorName: 'PermanentError' });
  });

  it('may carry any reason: what SQS refuses is replaced, what is too long is cut, nothing is named so', async () => {
    const reasons = ['nul \u0000 and \uFFFE', 'x'.repeat(5_000), '', '\uD800'];
    const { handler, sqs } = makeHandler({
      deliver: async ({ payload }) => {
        throw new PermanentError(reasons[Number(payload)]!);
      },
    });

    const batch = reasons.map((_, index) => record({ messageId: `r-${index}`, message: { payload: index } }));
    expect(await handler(sqsEvent(...batch))).toEqual(listing());

    expect(sqs.deadLetters.map(({ attributes }) => attributes['reason'])).toEqual([
      'nul \uFFFD and \uFFFD',
      'x'.repeat(1_000),
      'unknown',
      '\uFFFD',
    ]);
  });

  it('buries twins in one letter', async () => {
    const { handler, sqs } = makeHandler({ deliver: fails(new PermanentError('no')) });
    const twin = { id: 'same' };

    const response = await handler(
      sqsEvent(record({ messageId: 'sqs-1', message: twin }), record({ messageId: 'sqs-2', message: twin })),
    );

    expect(response).toEqual(listing());
    expect(sqs.deadLetters).toHaveLength(1);
  });

  it('goes to a FIFO queue in the group of its key, once per received message', async () => {
    const { handler, sqs } = makeHandler({
      deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead.fifo',
      deliver: fails(new PermanentError('no')),
    });

    await handler(
      sqsEvent(record({ messageId: 'sqs-1' }), record({ messageId: 'sqs-2', body: 'unreadable' })),
    );

    expect(sqs.deadLetters.map(({ groupId, deduplicationId }) => [groupId, deduplicationId])).toEqual(
      expect.arrayContaining([
        ['account-1', 'sqs-1'],
        ['sqs-2', 'sqs-2'],
      ]),
    );
  });
});

describe('a dead letter that cannot be sent', () => {
  it('leaves its message parked and listed, to be tried again', async () => {
    const { handler, sqs, limiter, measured, logs } = makeHandler({
      deliver: fails(new PermanentError('no')),
      sqsFaults: sqsDown,
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));

    expect(limiter.settlements).toMatchObject([{ outcome: 'condemned', verdict: { reason: 'no' } }]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 30 }]);
    expect(measured.map(({ name }) => name)).not.toContain('MessagesFailed');
    expect(logs[0]).toMatchObject({
      level: 'error',
      fields: { sqsMessageId: 'm-1', reason: 'no', error: 'QueueDoesNotExist' },
      message: 'a dead letter could not be sent: the message stays in its queue',
    });
  });

  it('leaves an unreadable message listed', async () => {
    const { handler, measured } = makeHandler({ sqsFaults: sqsDown });

    expect(await handler(sqsEvent(record({ body: 'unreadable' })))).toEqual(listing('m-1'));
    expect(measured.map(({ name }) => name)).not.toContain('MessagesFailed');
  });
});
