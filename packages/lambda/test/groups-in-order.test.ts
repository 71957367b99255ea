import { PermanentError, RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { slidingWindow } from '../src/limiter/limits/limit.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import {
  FIFO_QUEUE_ARN,
  lambdaContext,
  listing,
  message,
  record,
  sqsEvent,
  type RecordOverrides,
} from '../src/testing/records.ts';
import { busy, granted, settled, wait } from '../src/testing/scripted-limiter.ts';

/** A record of a FIFO queue, in the group of its key. */
function ordered(messageId: string, group = 'account-1', overrides: RecordOverrides = {}) {
  return record({ messageId, group, eventSourceARN: FIFO_QUEUE_ARN, message: { key: group }, ...overrides });
}

const three = () => sqsEvent(ordered('a'), ordered('b'), ordered('c'));

describe('a group of a FIFO queue', () => {
  it('is delivered one by one, each after the one before has ended', async () => {
    const clock = fakeClock();
    const steps: string[] = [];
    const { handler } = makeHandler({
      clock,
      deliver: async ({ id }) => {
        steps.push(`${id} starts`);
        await clock.sleep(100);
        steps.push(`${id} ends`);
      },
    });

    const response = handler(three());
    await clock.advance(300);

    expect(await response).toEqual(listing());
    expect(steps).toEqual(['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });

  it('is in the order of the queue, whatever the priorities', async () => {
    const { handler, calls } = makeHandler();
    const urgent = ordered('b', 'account-1', { message: { key: 'account-1', priority: 'high' } });

    await handler(sqsEvent(ordered('a'), urgent));

    expect(calls.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('stops at a waiter: it alone is parked, those behind it are unstarted, listed and shown again', async () => {
    const { handler, sqs, calls, limiter, logs } = makeHandler({
      admissions: (nowMs) => [granted(), wait(nowMs + 61_200)],
    });

    const response = await handler(sqsEvent(...three().Records, ordered('d')));

    expect(response).toEqual(listing('b', 'c', 'd'));
    expect(calls.map(({ id }) => id)).toEqual(['a']);
    expect(limiter.asked.flatMap(({ candidates }) => candidates.map(({ id }) => id))).toEqual(['a', 'b']);
    expect(sqs.parked).toEqual([
      { messageId: 'b', visibilitySeconds: 60 },
      { messageId: 'c', visibilitySeconds: 0 },
      { messageId: 'd', visibilitySeconds: 0 },
    ]);
    expect(logs.at(-1)?.fields).toEqual({ received: 4, delivered: 1, parked: 1, behind: 2 });
  });

  it.each([
    ['a failure', granted(), () => Promise.reject(new Error('no')), 1],
    ['a silence', granted(), () => Promise.reject(new RetryAfterError({ retryAfterMs: 90_000 })), 89],
    ['another claim', busy(Date.UTC(2026, 0, 1) + 30_000), () => Promise.resolve(), 30],
    ['an unavailable limiter', new Error('no answer'), () => Promise.resolve(), 4],
  ])('stops at %s', async (_, admission, deliver, visibilitySeconds) => {
    const { handler, sqs } = makeHandler({ admissions: [admission], deliver });

    expect(await handler(three())).toEqual(listing('a', 'b', 'c'));

    expect(sqs.parked).toEqual([
      { messageId: 'a', visibilitySeconds },
      { messageId: 'b', visibilitySeconds: 0 },
      { messageId: 'c', visibilitySeconds: 0 },
    ]);
  });

  it('keeps a message hidden that the batch holds twice', async () => {
    const { handler, sqs } = makeHandler({ admissions: (nowMs) => [wait(nowMs + 61_200)] });
    const twin = { ...ordered('a'), receiptHandle: 'handle of a again' };

    const response = await handler(sqsEvent(ordered('a'), ordered('b'), twin));

    expect(response).toEqual(listing('a', 'b'));
    expect(sqs.parked).toEqual([
      { messageId: 'a', visibilitySeconds: 60 },
      { messageId: 'a again', visibilitySeconds: 60 },
      { messageId: 'b', visibilitySeconds: 0 },
    ]);
  });

  it('stops when the time is up', async () => {
    const clock = fakeClock();
    const { handler, sqs, calls } = makeHandler({ clock, deliver: () => clock.sleep(600) });

    const response = handler(three(), lambdaContext(clock, 1_500));
    await clock.advance(1_500);

    expect(await response).toEqual(listing('c'));
    expect(calls.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(sqs.parked).toEqual([{ messageId: 'c', visibilitySeconds: 1 }]);
  });

  it.each([
    ['a dead letter', granted(), new PermanentError('no')],
    ['a duplicate', settled(), undefined],
  ])('goes on after %s', async (_, admission, error) => {
    const { handler, calls } = makeHandler({
      admissions: [admission],
      deliver: async ({ id }) => {
        if (id === 'a' && error) throw error;
      },
    });

    expect(await handler(three())).toEqual(listing());
    expect(calls.map(({ id }) => id).slice(-2)).toEqual(['b', 'c']);
  });

  it('goes on after a body that cannot be read, in its turn, and stops when it cannot be set aside', async () => {
    const batch = () =>
      sqsEvent(ordered('a'), ordered('b', 'account-1', { body: 'unreadable' }), ordered('c'));
    const sound = makeHandler();
    const broken = makeHandler({
      sqsFaults: {
        bury() {
          throw new Error('no');
        },
      },
    });

    expect(await sound.handler(batch())).toEqual(listing());
    expect(sound.calls.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(await broken.handler(batch())).toEqual(listing('b', 'c'));
    expect(broken.calls.map(({ id }) => id)).toEqual(['a']);
    expect(broken.sqs.parked).toEqual([{ messageId: 'c', visibilitySeconds: 0 }]);
  });

  it('recognises a twin in its turn', async () => {
    const clock = fakeClock();
    const { handler, calls } = makeHandler({ clock, limiter: memoryLimiter({ clock }) });
    const twin = ordered('a-again', 'account-1', { message: { key: 'account-1', id: 'a' } });

    expect(await handler(sqsEvent(ordered('a'), ordered('b'), twin))).toEqual(listing());
    expect(calls.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('does not delay another group, and neither do more groups than may be delivered at once', async () => {
    const { handler, calls, sqs } = makeHandler({
      concurrency: 1,
      admissions: (nowMs) => [wait(nowMs + 60_200)],
    });
    const batch = [
      ordered('a1', 'A'),
      ordered('b1', 'B'),
      ordered('a2', 'A'),
      ordered('c1', 'C'),
      ordered('b2', 'B'),
    ];

    expect(await handler(sqsEvent(...batch))).toEqual(listing('a1', 'a2'));

    expect(calls.map(({ id }) => id)).toEqual(['b1', 'b2', 'c1']);
    expect(sqs.parked).toEqual([
      { messageId: 'a1', visibilitySeconds: 59 },
      { messageId: 'a2', visibilitySeconds: 0 },
    ]);
  });

  it('keeps its order from batch to batch until it is empty', async () => {
    const clock = fakeClock();
    const { handler, calls, sqs } = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      limits: [slidingWindow({ limit: 2, windowMs: 10_000 })],
      backoff: { initialDelayMs: 2_000, maxDelayMs: 2_000 },
      deliver: async ({ id }, { attempt }) => {
        if (id === 'm-3' && attempt < 3) throw new Error('not yet');
      },
    });
    let queue = Array.from({ length: 7 }, (_, index) => ordered(`m-${index + 1}`));

    for (let round = 0; queue.length > 0 && round < 30; round++) {
      const parkedBefore = sqs.parked.length;
      const response = handler(sqsEvent(...queue), lambdaContext(clock));
      await clock.advance(5_000);
      const listed = (await response).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      queue = queue.filter(({ messageId }) => listed.includes(messageId));
      expect(queue.map(({ messageId }) => messageId)).toEqual(listed);
      await clock.advance((sqs.parked[parkedBefore]?.visibilitySeconds ?? 0) * 1_000);
    }

    expect(queue).toEqual([]);
    expect(calls.map(({ id }) => id)).toEqual([
      'm-1',
      'm-2',
      'm-3',
      'm-3',
      'm-3',
      'm-4',
      'm-5',
      'm-6',
      'm-7',
    ]);
  });
});

it('groups of a standard queue make it fair, and have no order', async () => {
  const { handler, calls, sqs } = makeHandler({ admissions: (nowMs) => [wait(nowMs + 60_200)] });
  const fair = (messageId: string) =>
    record({ messageId, group: 'account-1', message: message({ id: messageId }) });

  expect(await handler(sqsEvent(fair('a'), fair('b')))).toEqual(listing('a'));
  expect(calls.map(({ id }) => id)).toEqual(['b']);
  expect(sqs.parked).toHaveLength(1);
});
