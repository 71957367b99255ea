import { RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../testing/make-handler.ts';
import { ENQUEUED_AT_MS, listing, message, record, records, sqsEvent } from '../testing/records.ts';
import { busy, granted, wait, scriptedLimiter } from '../testing/scripted-limiter.ts';

const HOUR_MS = 3_600_000;
const RETENTION_MS = 4 * 24 * HOUR_MS;
const MARGIN_MS = 60_000;
/** The last instant that a message of these tests may wait for. */
const LATEST_MS = ENQUEUED_AT_MS + RETENTION_MS - MARGIN_MS;

const counted = (measured: readonly { name: string; value: number }[], wanted: string) =>
  measured.filter(({ name }) => name === wanted).reduce((sum, { value }) => sum + value, 0);

describe('a wait that outlives the retention of the queue', () => {
  it('makes a dead letter with its reason at once, while one that does not is parked', async () => {
    const { handler, sqs, measured, logs } = makeHandler({
      admissions: [wait(LATEST_MS), wait(LATEST_MS + 1)],
    });

    expect(await handler(sqsEvent(...records(2)))).toEqual(listing('m-1'));

    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 42_300 }]);
    expect(sqs.deadLetters.map(({ attributes }) => attributes)).toMatchObject([
      { reason: 'waits-beyond-retention', messageId: 'm-2', attempts: '0' },
    ]);
    expect(counted(measured, 'MessagesFailed')).toBe(1);
    expect(logs).toMatchObject([
      { level: 'error', fields: { reason: 'waits-beyond-retention' } },
      { level: 'info', fields: { parked: 1, dead: 1 } },
    ]);
  });

  it('takes its message out of the line', async () => {
    const clock = fakeClock();
    const cancelled: string[] = [];
    const limiter = {
      ...scriptedLimiter({ admissions: [wait(LATEST_MS + 1)], nowMs: clock.nowMs }),
      cancel: async (key: string, id: string) => cancelled.push(`${key} ${id}`) > 0,
    };
    const { handler } = makeHandler({ clock, limiter });

    await handler(sqsEvent(record()));

    expect(cancelled).toEqual(['account-1 m-1']);
  });

  it('ends all the same when the limiter cannot be told', async () => {
    const clock = fakeClock();
    const limiter = {
      ...scriptedLimiter({ admissions: [wait(LATEST_MS + 1)], nowMs: clock.nowMs }),
      cancel: () => Promise.reject(new Error('no answer')),
    };
    const { handler, sqs } = makeHandler({ clock, limiter });

    expect(await handler(sqsEvent(record()))).toEqual(listing());
    expect(sqs.deadLetters).toHaveLength(1);
  });

  it('leaves its message in the queue for a while when the letter cannot be sent', async () => {
    const { handler, sqs } = makeHandler({
      admissions: [wait(LATEST_MS + 1)],
      sqsFaults: {
        bury: () => {
          throw new Error('no such queue');
        },
      },
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 30 }]);
  });

  it('ends as a dead letter also when the upstream, a failed attempt or an outage would make it wait', async () => {
    const sentAtMs = ENQUEUED_AT_MS - RETENTION_MS + MARGIN_MS + 1_500;
    const old = (messageId: string) => record({ messageId, sentAtMs });
    const { handler, sqs, limiter } = makeHandler({
      concurrency: 1,
      random: { next: () => 0.9 },
      admissions: [granted(), granted(), new Error('no answer')],
      deliver: ({ id }) => {
        throw id === 'm-1' ? new RetryAfterError({ retryAfterMs: HOUR_MS }) : new Error('bad gateway');
      },
    });

    expect(await handler(sqsEvent(old('m-1'), old('m-2'), old('m-3')))).toEqual(listing());

    expect(
      sqs.deadLetters.map(({ attributes }) => [attributes['messageId'], attributes['attempts']]),
    ).toEqual([
      ['m-1', '0'],
      ['m-2', '1'],
      ['m-3', '0'],
    ]);
    // The silence is recorded: it holds the key.
    expect(limiter.settlements.map(({ outcome }) => outcome)).toEqual(['release', 'dead']);
  });

  it('is no matter of whoever only sees that another worker has the message', async () => {
    const { handler, sqs } = makeHandler({ admissions: [busy(LATEST_MS + 1)] });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(sqs.deadLetters).toEqual([]);
  });

  it('is counted from when SQS took the message, not from when the client first tried to send it', async () => {
    const enqueuedAtMs = ENQUEUED_AT_MS - RETENTION_MS;
    const { handler } = makeHandler({ admissions: [wait(LATEST_MS)] });

    expect(await handler(sqsEvent(record({ message: message({ enqueuedAtMs }) })))).toEqual(listing('m-1'));
  });

  it.each([
    ['the queue says', {}, { MessageRetentionPeriod: '3600' }],
    ['the handler is told', { retentionMs: HOUR_MS }, {}],
  ])('is measured against what %s', async (_, options, attributes) => {
    const { handler, sqs } = makeHandler({
      ...options,
      admissions: (nowMs) => [wait(nowMs + 0.9 * HOUR_MS), wait(nowMs + HOUR_MS)],
      sqsFaults: { attributes: () => attributes },
    });

    expect(await handler(sqsEvent(...records(2)))).toEqual(listing('m-1'));
    expect(sqs.deadLetters).toHaveLength(1);
  });
});

describe('with too many messages in flight', () => {
  const crowded = { attributes: () => ({ ApproximateNumberOfMessagesNotVisible: '96000' }) };

  it('a message is not parked for longer than its queue hides it, and that is counted', async () => {
    const { handler, sqs, measured, logs } = makeHandler({
      inlineHoldMs: 0,
      admissions: (nowMs) => [wait(nowMs + 181_000), wait(nowMs + 180_000)],
      sqsFaults: crowded,
    });

    expect(await handler(sqsEvent(...records(2)))).toEqual(listing('m-1', 'm-2'));

    expect(sqs.parked).toEqual([{ messageId: 'm-2', visibilitySeconds: 180 }]);
    expect([counted(measured, 'UnparkedMessages'), counted(measured, 'ParkedMessages')]).toEqual([1, 1]);
    expect(logs.at(-1)?.fields).toEqual({ received: 2, parked: 1, unparked: 1 });
  });

  it.each([
    [0.8, '95999', 1],
    [0.5, '60000', 0],
    [1, '119999', 1],
  ])(
    'means a share of %d of what SQS allows: with %s, %i is parked',
    async (inFlightShare, inFlight, parked) => {
      const { handler, sqs } = makeHandler({
        inFlightShare,
        admissions: (nowMs) => [wait(nowMs + HOUR_MS)],
        sqsFaults: { attributes: () => ({ ApproximateNumberOfMessagesNotVisible: inFlight }) },
      });
      await handler(sqsEvent(record()));
      expect(sqs.parked).toHaveLength(parked);
    },
  );
});

describe('the attributes of the queue', () => {
  it('are read once a minute, and only when something is parked', async () => {
    const clock = fakeClock();
    const { handler, sqs } = makeHandler({
      clock,
      admissions: (nowMs) => [granted(), ...Array.from({ length: 4 }, () => wait(nowMs + HOUR_MS))],
    });
    const reads: number[] = [];
    for (const waitMs of [0, 0, 0, 60_000, 0]) {
      await clock.advance(waitMs);
      await handler(sqsEvent(record()));
      reads.push(sqs.attributeReads);
    }
    expect(reads).toEqual([0, 1, 1, 2, 2]);
  });

  it('are not needed: without them messages are parked for a queue of 4 days', async () => {
    const { handler, sqs, logs } = makeHandler({
      admissions: [wait(LATEST_MS), wait(LATEST_MS + 1)],
      sqsFaults: {
        attributes: () => {
          throw new Error('access denied');
        },
      },
    });

    expect(await handler(sqsEvent(...records(2)))).toEqual(listing('m-1'));
    expect(sqs.deadLetters).toHaveLength(1);
    expect(logs[0]).toMatchObject({
      level: 'warn',
      message: 'the attributes of the queue could not be read',
    });
  });
});
