import {
  LimiterUnavailableError,
  PermanentError,
  RetryAfterError,
} from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { FIRST_RECEIVED_AT_MS, lambdaContext, listing, record, sqsEvent } from '../testing/records.ts';
import { granted } from '../testing/scripted-limiter.ts';

const fails = (error: unknown) => async () => {
  throw error;
};
const sqsDown = {
  bury() {
    throw Object.assign(new Error('no'), { name: 'QueueDoesNotExist' });
  },
};

describe('a delivery that fails', () => {
  it('is parked for its backoff, listed, and tried again as the next attempt', async () => {
    const { handler, limiter, sqs, logs } = makeHandler({
      admissions: [granted(3)],
      backoff: { initialDelayMs: 10_000 },
      random: { next: () => 0.75 },
      deliver: fails(new TypeError('bad gateway')),
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));

    expect(limiter.settlements).toEqual([{ id: 'm-1', token: 1, outcome: 'retry', retryAfterMs: 30_000 }]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 30 }]);
    expect(logs[0]).toEqual({
      level: 'warn',
      fields: { messageId: 'm-1', attempt: 3, error: 'TypeError' },
      message: 'a delivery failed and is tried again',
    });
  });

  it('becomes a dead letter after its last attempt, with the reason, the error, the attempts and the age', async () => {
    const { handler, limiter, sqs, measured } = makeHandler({
      admissions: [granted(5)],
      deliver: fails(new TypeError('bad gateway')),
    });
    const received = record();

    expect(await handler(sqsEvent(received))).toEqual(listing());

    expect(sqs.deadLetters).toEqual([
      {
        body: received.body,
        attributes: {
          reason: 'attempts-exhausted',
          messageId: 'm-1',
          errorName: 'TypeError',
          attempts: '5',
          firstReceivedAtMs: String(FIRST_RECEIVED_AT_MS),
        },
        groupId: undefined,
        deduplicationId: undefined,
      },
    ]);
    expect(limiter.settlements).toEqual([{ id: 'm-1', token: 1, outcome: 'dead' }]);
    expect(measured).toContainEqual({ name: 'MessagesFailed', value: 1 });
  });

  it('is not delivered again when its last attempt was lost, and counts the calls of deliver alone', async () => {
    const { handler, calls, sqs } = makeHandler({ admissions: [granted(6)], maxAttempts: 5 });

    expect(await handler(sqsEvent(record()))).toEqual(listing());

    expect(calls).toEqual([]);
    expect(sqs.deadLetters[0]?.attributes).toMatchObject({
      reason: 'attempts-exhausted',
      errorName: 'unknown',
      attempts: '5',
    });
  });

  it('is delivered by a later attempt', async () => {
    const clock = fakeClock();
    const { handler, calls, sqs } = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      deliver: async (_, { attempt }) => {
        if (attempt < 3) throw new Error('not yet');
      },
    });

    const responses = [];
    for (let receives = 1; receives <= 3; receives++) {
      responses.push(await handler(sqsEvent(record({ receives }))));
      await clock.advance((sqs.parked.at(-1)?.visibilitySeconds ?? 0) * 1_000);
    }

    expect(responses).toEqual([listing('m-1'), listing('m-1'), listing()]);
    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(sqs.deadLetters).toEqual([]);
  });
});

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

    expect(limiter.settlements).toMatchObject([{ outcome: 'retry', retryAfterMs: 30_000 }]);
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

describe('an upstream that asks for silence', () => {
  it('has its whole key held, which is not an attempt', async () => {
    const clock = fakeClock();
    const { handler, calls, sqs, limiter } = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      deliver: async (_, { attempt }) => {
        if (clock.monotonicMs() === 0) throw new RetryAfterError({ retryAfterMs: 90_000 });
        expect(attempt).toBe(1);
      },
    });

    const first = await handler(sqsEvent(record({ messageId: 'a' })));
    const newcomer = await handler(sqsEvent(record({ messageId: 'b' })));
    const other = handler(sqsEvent(record({ messageId: 'c', message: { key: 'account-2' } })));
    await clock.advance(90_000);
    const later = await handler(sqsEvent(record({ messageId: 'a', receives: 2 })), lambdaContext(clock));

    expect([first, newcomer]).toEqual([listing('a'), listing('b')]);
    expect(sqs.parked).toMatchObject([
      { messageId: 'a', visibilitySeconds: 88 },
      { messageId: 'b', visibilitySeconds: 88 },
      { messageId: 'c' },
    ]);
    expect(await other).toEqual(listing('c'));
    expect(later).toEqual(listing());
    expect(calls.map(({ id, attempt }) => [id, attempt])).toEqual([
      ['a', 1],
      ['c', 1],
      ['a', 1],
    ]);
    expect(limiter.asked).toEqual([]);
  });

  it.each([
    ['in the past', -5, 0, 1],
    ['absurdly long', Number.MAX_VALUE, 39_600_000, 39_598],
    ['a fraction', 1_000.2, 1_001, 1],
  ])('is obeyed within reason when its wish is %s', async (_, retryAfterMs, holdMs, visibilitySeconds) => {
    const { handler, limiter, sqs } = makeHandler({ deliver: fails(new RetryAfterError({ retryAfterMs })) });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));

    expect(limiter.settlements).toEqual([{ id: 'm-1', token: 1, outcome: 'release', holdMs }]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds }]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'without a sane time (%s) is tried again with backoff',
    async (ms) => {
      const { handler, limiter } = makeHandler({ deliver: fails(new RetryAfterError({ retryAfterMs: ms })) });

      await handler(sqsEvent(record()));

      expect(limiter.settlements).toMatchObject([{ outcome: 'retry', retryAfterMs: 500 }]);
    },
  );
});

describe('a settlement', () => {
  it.each([
    ['because the limiter is gone', new LimiterUnavailableError('no answer')],
    ['for another reason', new TypeError('a bug')],
    ['for no reason', undefined],
  ])('that cannot be recorded %s leaves a delivered message acknowledged', async (_, thrown) => {
    const { handler, logs, measured } = makeHandler({
      recordSettlement() {
        throw thrown;
      },
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing());

    expect(measured).toContainEqual({ name: 'MessagesSent', value: 1 });
    expect(logs[0]).toMatchObject({
      level: 'error',
      fields: { messageId: 'm-1', outcome: 'delivered', error: thrown?.message ?? 'unknown' },
      message: 'an outcome could not be recorded',
    });
  });

  it('of a claim that another worker took over says so, and the message is acknowledged', async () => {
    const { handler, logs } = makeHandler({ recordSettlement: () => false });

    expect(await handler(sqsEvent(record()))).toEqual(listing());

    expect(logs[0]).toEqual({
      level: 'warn',
      fields: { messageId: 'm-1', outcome: 'delivered' },
      message: 'the claim was lost before its outcome was recorded',
    });
  });
});
