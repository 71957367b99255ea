import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { FIRST_RECEIVED_AT_MS, listing, record, sqsEvent } from '../testing/records.ts';
import { granted } from '../testing/scripted-limiter.ts';

const fails = (error: unknown) => async () => {
  throw error;
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
        body: received.body.replace(/\}$/, ',"life":2}'),
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
