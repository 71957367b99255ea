import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../src/testing/make-handler.ts';
import { lambdaContext, record, records, sqsEvent } from '../src/testing/records.ts';
import { busy, granted, settled, wait } from '../src/testing/scripted-limiter.ts';

describe('measurements', () => {
  it('tell what was sent and how long it took since the client accepted it', async () => {
    const { handler, measured, clock } = makeHandler();
    const enqueuedAtMs = clock.nowMs() - 12_345;

    await handler(sqsEvent(record({ message: { enqueuedAtMs } })));

    expect(measured).toEqual([
      { name: 'LimiterLatency', value: 0 },
      { name: 'DeliveryLatency', value: 0 },
      { name: 'MessagesSent', value: 1 },
      { name: 'QueueLatency', value: 12_345 },
    ]);
  });

  it('never show a negative latency, whatever the client thinks the time is', async () => {
    const { handler, measured, clock } = makeHandler();

    await handler(sqsEvent(record({ message: { enqueuedAtMs: clock.nowMs() + 9_000 } })));

    expect(measured).toContainEqual({ name: 'QueueLatency', value: 0 });
  });

  it('count each wait', async () => {
    const { handler, measured } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 60_000), wait(nowMs + 66_000), busy(nowMs + 9_000)],
    });

    await handler(sqsEvent(...records(3)));

    const count = (wanted: string) => measured.filter(({ name }) => name === wanted);
    expect(count('RateLimitedMessages').map(({ value }) => value)).toEqual([1, 1]);
    expect(count('ParkedMessages').map(({ value }) => value)).toEqual([1, 1, 1]);
  });

  it('tell how old the oldest message is that a batch leaves in its queue, however often it was received', async () => {
    const { handler, measured, clock } = makeHandler({
      admissions: (nowMs) => [granted(), wait(nowMs + 60_000), busy(nowMs + 9_000)],
    });
    const aged = (messageId: string, ageMs: number, receives: number) =>
      record({ messageId, receives, sentAtMs: clock.nowMs() - ageMs });

    await handler(sqsEvent(aged('m-1', 90_000, 1), aged('m-2', 70_000, 40), aged('m-3', 5_000, 1)));

    expect(measured.filter(({ name }) => name === 'OldestMessageAge')).toEqual([
      { name: 'OldestMessageAge', value: 70_000 },
    ]);
  });

  it('tell the age of a batch that could not be handled, and none of a record without its time', async () => {
    const { handler, measured, clock } = makeHandler();
    const nowhere = { eventSourceARN: 'nowhere' };
    const timeless = { ...record({ messageId: 'm-2', ...nowhere }), attributes: {} };

    await handler(sqsEvent(record({ ...nowhere, sentAtMs: clock.nowMs() - 8_000 }), timeless));
    await handler(sqsEvent(timeless));

    expect(measured).toEqual([{ name: 'OldestMessageAge', value: 8_000 }]);
  });

  it('sum a batch up in one log line', async () => {
    const { handler, logs } = makeHandler({
      admissions: (nowMs) => [settled(), wait(nowMs + 60_000)],
      deliver: async ({ id }) => {
        if (id === 'm-4') throw new Error('no');
      },
    });

    await handler(sqsEvent(...records(4), record({ messageId: 'x', body: 'not a message' })));

    expect(logs.at(-1)).toEqual({
      level: 'info',
      fields: { received: 5, duplicate: 1, parked: 1, delivered: 1, retried: 1, dead: 1 },
      message: 'a batch was handled',
    });
  });
});

describe('measurements of waiting', () => {
  it('count holds and parks, and tell how exactly a held message was admitted', async () => {
    const clock = fakeClock();
    const { handler, measured } = makeHandler({
      clock,
      admissions: (nowMs) => [wait(nowMs + 500), wait(nowMs + 60_000), granted()],
    });

    const response = handler(sqsEvent(record(), record({ messageId: 'm-2' })), lambdaContext(clock));
    await clock.advance(500);
    await response;

    const waiting = new Set(['HeldMessages', 'ParkedMessages', 'DueTimeError']);
    expect(measured.filter(({ name }) => waiting.has(name))).toEqual([
      { name: 'HeldMessages', value: 1 },
      { name: 'ParkedMessages', value: 1 },
      { name: 'DueTimeError', value: 0 },
    ]);
  });

  it('tell how long the limiter took, also when it failed', async () => {
    const clock = fakeClock();
    const { limiter } = makeHandler({ clock });
    const { handler, measured } = makeHandler({
      clock,
      limiter: {
        ...limiter,
        async admit() {
          await clock.sleep(70);
          throw new Error('no answer');
        },
      },
    });

    const response = handler(sqsEvent(record()));
    await clock.advance(70);
    await response;

    expect(measured).toEqual([
      { name: 'LimiterLatency', value: 70 },
      { name: 'LimiterUnavailable', value: 1 },
      { name: 'ParkedMessages', value: 1 },
      { name: 'OldestMessageAge', value: 1_070 },
    ]);
  });
});
