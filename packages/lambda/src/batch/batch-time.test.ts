import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../testing/make-handler.ts';
import { FIFO_QUEUE_ARN, listing, QUEUE_URL, record, records, sqsEvent } from '../testing/records.ts';
import { wait } from '../testing/scripted-limiter.ts';

const never = () => new Promise<never>(() => {});

/** A clock whose timers up to five seconds never fire, so that a batch which waits for one of them never ends. */
function brokenClock() {
  const clock = fakeClock();
  return {
    ...clock,
    sleep: (ms: number, signal?: AbortSignal) => (ms <= 5_000 ? never() : clock.sleep(ms, signal)),
  };
}

describe('a batch that never ends', () => {
  it.each([
    // Schema and limits 2 × 5 s, hold 3 s, delivery 60.25 s, eight calls of 5 s.
    { kind: 'of a standard queue', messages: 10, fifo: false, longestMs: 113_250 },
    {
      kind: 'of a standard queue with more messages than slots',
      messages: 11,
      fifo: false,
      longestMs: 213_500,
    },
    { kind: 'of a FIFO queue', messages: 3, fifo: true, longestMs: 313_750 },
  ])('$kind is given up after the longest time it can take', async ({ messages, fifo, longestMs }) => {
    const clock = brokenClock();
    const { handler, logs, measured } = makeHandler({
      clock,
      admissions: (nowMs) => [wait(nowMs + 1_000)],
    });
    let response: unknown;

    const batch = records(messages).map((one) =>
      fifo ? { ...one, eventSourceARN: FIFO_QUEUE_ARN, attributes: { MessageGroupId: 'account-1' } } : one,
    );
    void handler(sqsEvent(...batch), worker()).then((given) => (response = given));
    await clock.advance(longestMs - 1);
    expect(response).toBeUndefined();
    await clock.advance(1);

    // The first is held and never wakes; the others of its group are behind it.
    expect(response).toEqual(fifo ? listing('m-1', 'm-2', 'm-3') : listing('m-1'));
    expect(logs.at(-2)).toEqual({
      level: 'error',
      fields: {},
      message: 'the time was up before all was done: what is not known to be finished is listed',
    });
    expect(measured.filter(({ name }) => name === 'UnfinishedBatches')).toHaveLength(1);
  });

  it('starts nothing more afterwards', async () => {
    const clock = fakeClock();
    const asleep: (() => void)[] = [];
    const { handler, calls, sqs } = makeHandler({
      clock: {
        ...clock,
        sleep: (ms, signal) =>
          ms === 1_000 ? new Promise<void>((wake) => asleep.push(wake)) : clock.sleep(ms, signal),
      },
      admissions: (nowMs) => [wait(nowMs + 1_000)],
    });

    const response = handler(sqsEvent(record()), worker());
    await clock.advance(200_000);
    expect(await response).toEqual(listing('m-1'));
    for (const wake of asleep) wake();
    await clock.advance(0);

    expect(calls).toEqual([]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
  });
});

it('a batch in whose calls everything takes as long as it may is not given up', async () => {
  const clock = fakeClock();
  const { handler, measured } = makeHandler({
    clock,
    concurrency: 2,
    deliver: () => clock.sleep(59_999),
    sqsFaults: {},
  });

  const response = handler(sqsEvent(...records(10)), worker());
  await clock.advance(5 * 59_999);

  expect(await response).toEqual(listing());
  expect(measured.filter(({ name }) => name === 'UnfinishedBatches')).toEqual([]);
});

/** A worker has no limit of time. */
function worker() {
  return { queueUrl: QUEUE_URL, getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };
}
