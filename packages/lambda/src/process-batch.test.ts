import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { makeHandler } from './testing/make-handler.ts';
import { FIFO_QUEUE_ARN, lambdaContext, listing, record, records, sqsEvent } from './testing/records.ts';
import { scriptedLimiter, wait } from './testing/scripted-limiter.ts';

describe('concurrency', () => {
  it('is never exceeded, and only as many ask as can start', async () => {
    const clock = fakeClock();
    let running = 0;
    let most = 0;
    const { handler, limiter } = makeHandler({
      clock,
      concurrency: 2,
      deliver: async ({ id }) => {
        most = Math.max(most, ++running);
        await clock.sleep(id === 'm-1' ? 300 : 100);
        running--;
      },
    });

    const response = handler(sqsEvent(...records(6)), lambdaContext(clock));
    await clock.advance(400);

    expect(await response).toEqual(listing());
    expect(most).toBe(2);
    expect(limiter.asked.map(({ candidates }) => candidates.length)).toEqual([2, 1, 1, 1, 1]);
  });

  it('goes to the urgent messages first', async () => {
    const { handler, calls } = makeHandler({ concurrency: 1 });

    await handler(
      sqsEvent(
        record({ messageId: 'm-1', message: { id: 'low', priority: 'low' } }),
        record({ messageId: 'm-2', message: { id: 'medium', priority: 'medium' } }),
        record({ messageId: 'm-3', message: { id: 'high', priority: 'high' } }),
      ),
    );

    expect(calls.map(({ id }) => id)).toEqual(['high', 'medium', 'low']);
  });

  it('gives slots that waiters do not need to the next messages at once', async () => {
    const { handler, calls } = makeHandler({
      concurrency: 2,
      admissions: (nowMs) => [wait(nowMs + 60_000), wait(nowMs + 60_000)],
    });

    expect(await handler(sqsEvent(...records(4)))).toEqual(listing('m-1', 'm-2'));
    expect(calls.map(({ id }) => id)).toEqual(['m-3', 'm-4']);
  });

  it('gives back the messages for which there was no time, without asking for them', async () => {
    const clock = fakeClock();
    const { handler, limiter, calls, sqs } = makeHandler({
      clock,
      concurrency: 1,
      deliver: () => clock.sleep(400),
    });

    const response = handler(sqsEvent(...records(4)), lambdaContext(clock, 1_300));
    await clock.advance(800);

    expect(await response).toEqual(listing('m-3', 'm-4'));
    expect(calls.map(({ id }) => id)).toEqual(['m-1', 'm-2']);
    expect(limiter.asked).toHaveLength(2);
    expect(sqs.parked).toEqual([
      { messageId: 'm-3', visibilitySeconds: 1 },
      { messageId: 'm-4', visibilitySeconds: 1 },
    ]);
  });
});

describe('a key about which the limiter does not answer', () => {
  const never = () => new Promise<never>(() => {});
  /** A handler whose limiter is silent about one key, and a batch that has eight messages of it before those of others. */
  const oneSilent = (concurrency: number, fifo = false) => {
    const clock = fakeClock();
    const limiter = scriptedLimiter({ nowMs: clock.nowMs });
    const made = makeHandler({
      clock,
      concurrency,
      limiter: {
        ...limiter,
        admit: (request) => (request.key === 'silent' ? never() : limiter.admit(request)),
      },
    });
    const keys = [...Array.from({ length: 8 }, () => 'silent'), 'b', 'b', 'c', 'c'];
    const batch = keys.map((key, index) =>
      record({
        messageId: `${key}-${index}`,
        message: { key },
        ...(fifo && { group: key, eventSourceARN: FIFO_QUEUE_ARN }),
      }),
    );
    return { ...made, clock, event: sqsEvent(...batch) };
  };

  it.each([
    { concurrency: 10, fifo: false },
    { concurrency: 4, fifo: false },
    { concurrency: 3, fifo: true },
  ])('delays no message of another one (%o)', async ({ concurrency, fifo }) => {
    const { handler, clock, calls, event } = oneSilent(concurrency, fifo);

    const response = handler(event);
    await clock.advance(0);

    expect(calls.map(({ id }) => id).toSorted()).toEqual(['b-8', 'b-9', 'c-10', 'c-11']);
    await clock.advance(20_000);
    expect((await response).batchItemFailures).toHaveLength(8);
  });
});
