import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../src/testing/make-handler.ts';
import { lambdaContext, listing, record, records, sqsEvent } from '../src/testing/records.ts';
import { granted, wait } from '../src/testing/scripted-limiter.ts';

describe('a waiter', () => {
  it('is parked until its place comes up and listed as failed', async () => {
    const { handler, sqs, calls } = makeHandler({
      inlineHoldMs: 0,
      admissions: (nowMs) => [wait(nowMs + 61_000)],
    });

    const response = await handler(sqsEvent(record({ messageId: 'm-1' })));

    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 61 }]);
    expect(response).toEqual(listing('m-1'));
    expect(calls).toEqual([]);
  });

  it('wakes early by the lead, so that the handler can hold it to the exact instant', async () => {
    const { handler, sqs } = makeHandler({ admissions: (nowMs) => [wait(nowMs + 61_000)] });

    await handler(sqsEvent(record()));

    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 60 }]);
  });

  it('that is due within the hold is delivered at its exact instant', async () => {
    const { handler, clock, calls, limiter, sqs } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 1_537), granted()],
    });
    const startMs = clock.nowMs();

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(1_536);
    expect(limiter.asked).toHaveLength(1);
    await clock.advance(1);

    expect(await response).toEqual(listing());
    expect(calls).toMatchObject([{ atMs: startMs + 1_537 }]);
    expect(sqs.parkCalls).toEqual([]);
  });

  it('whose place has moved by a second since it was parked is held, even when it woke as early as it can', async () => {
    const { handler, clock, sqs, calls } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 61_999), wait(nowMs + 63_000), granted()],
    });
    const startMs = clock.nowMs();
    await handler(sqsEvent(record()), lambdaContext(clock));
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 60 }]);

    await clock.advance(60_000);
    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(3_000);

    expect(await response).toEqual(listing());
    expect(sqs.parkCalls).toHaveLength(1);
    expect(calls).toMatchObject([{ atMs: startMs + 63_000 }]);
  });

  it('that was held in vain is parked', async () => {
    const { handler, clock, sqs } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 2_000), wait(nowMs + 12_200)],
    });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(2_000);

    expect(await response).toEqual(listing('m-1'));
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 9 }]);
  });

  it('is held no longer than the hold, and no longer than the function has time', async () => {
    const waits = (nowMs: number) => [wait(nowMs + 1_500)];
    const short = makeHandler({ admissions: waits, inlineHoldMs: 1_499 });
    const late = makeHandler({ admissions: waits });

    expect(await short.handler(sqsEvent(record()), lambdaContext(short.clock))).toEqual(listing('m-1'));
    expect(await late.handler(sqsEvent(record()), lambdaContext(late.clock, 1_999))).toEqual(listing('m-1'));

    expect(short.sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
    expect(late.sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
  });

  it('is held only while there is time for a usual delivery after it', async () => {
    const clock = fakeClock();
    const { handler, sqs, calls } = makeHandler({
      clock,
      marginMs: 400,
      admissions: (nowMs) => [wait(nowMs + 800)],
    });

    // 1,000 ms are left for work, of which the last 400 are for deliveries.
    expect(await handler(sqsEvent(...records(1)), lambdaContext(clock, 1_500))).toEqual(listing('m-1'));
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
    expect(calls).toEqual([]);
  });

  it('is held as long as it takes, however the wall clock is set meanwhile', async () => {
    const { handler, clock, calls } = makeHandler({ admissions: (nowMs) => [wait(nowMs + 1_000)] });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(500);
    clock.step(-3_600_000);
    await clock.advance(500);

    expect(calls).toHaveLength(1);
    expect(await response).toEqual(listing());
  });

  it('that is told to ask again at once asks when time has moved on, not in a loop that stops the process', async () => {
    const stubborn = Array.from({ length: 50 }, () => wait(0));
    const { handler, clock, limiter } = makeHandler({ admissions: stubborn });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(1);
    expect(limiter.asked).toHaveLength(2);
    await clock.advance(49);

    expect(await response).toEqual(listing());
  });

  it('does not keep its neighbours from being delivered meanwhile', async () => {
    const { handler, clock, calls } = makeHandler({
      admissions: (nowMs) => [wait(nowMs + 1_000), granted(), granted()],
    });

    const response = handler(sqsEvent(...records(2)), lambdaContext(clock));
    await clock.advance(0);
    expect(calls.map(({ id }) => id)).toEqual(['m-2']);
    await clock.advance(1_000);

    expect(await response).toEqual(listing());
    expect(calls.map(({ id }) => id)).toEqual(['m-2', 'm-1']);
  });
});
