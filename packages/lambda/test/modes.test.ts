import { PermanentError, RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { queueIdentity } from '../src/limiter/queue-identity.ts';
import type { DeliverContext } from '../src/attempt/deliver.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { lambdaContext, listing, QUEUE_URL, record, sqsEvent } from '../src/testing/records.ts';
import { granted, takenOver } from '../src/testing/scripted-limiter.ts';

const never = () => new Promise<never>(() => {});
const uncertain = (attempts: string, errorName: string) => ({
  reason: 'uncertain',
  messageId: 'm-1',
  attempts,
  errorName,
});

/** Ends when it is told to, with this error. */
const stopping =
  (error: unknown) =>
  (_: unknown, { signal }: DeliverContext) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(error));
    });

describe('a message whose last claim ran out without an outcome', () => {
  it('is delivered again, at least once', async () => {
    const { handler, calls, sqs } = makeHandler({ admissions: [takenOver(2)] });

    expect(await handler(sqsEvent(record()))).toEqual(listing());
    expect(calls).toMatchObject([{ attempt: 2 }]);
    expect(sqs.deadLetters).toEqual([]);
  });

  it('is set aside as uncertain, at most once', async () => {
    const { handler, calls, sqs, limiter } = makeHandler({
      delivery: 'at-most-once',
      admissions: [takenOver(2)],
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing());
    expect(calls).toEqual([]);
    expect(sqs.deadLetters[0]?.attributes).toMatchObject(uncertain('1', 'unknown'));
    expect(limiter.settlements).toEqual([{ id: 'm-1', token: 1, outcome: 'dead' }]);
  });

  it('is found by the limiter after a worker died, and never delivered twice', async () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock });
    const { handler, calls, sqs } = makeHandler({ clock, limiter, delivery: 'at-most-once', leaseMs: 1_000 });
    const queue = queueIdentity(QUEUE_URL);
    const died = { key: 'account-1', queue, limits: [], marginMs: 0, candidates: [], leaseMs: 1_000 };
    await limiter.admit({ ...died, candidates: [{ id: 'm-1', priority: 'medium' }] });

    const during = await handler(sqsEvent(record()), lambdaContext(clock, 700));
    await clock.advance(1_000);
    const after = await handler(sqsEvent(record({ receives: 2 })));

    expect([during, after]).toEqual([listing('m-1'), listing()]);
    expect(calls).toEqual([]);
    expect(sqs.deadLetters).toMatchObject([{ attributes: { reason: 'uncertain', attempts: '1' } }]);
  });
});

describe('at most once', () => {
  it('tries again what says that it failed', async () => {
    const { handler, limiter, sqs } = makeHandler({
      delivery: 'at-most-once',
      admissions: [granted(2)],
      deliver: () => Promise.reject(new Error('503')),
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(limiter.settlements).toMatchObject([{ outcome: 'retry' }]);
    expect(sqs.deadLetters).toEqual([]);
  });

  it.each([
    ['does not end', never, 'TimeoutError'],
    ['ends because it is told to', stopping(new RangeError('aborted')), 'RangeError'],
  ])('sets aside a delivery that %s in time', async (_, deliver, errorName) => {
    const clock = fakeClock();
    const { handler, limiter, sqs } = makeHandler({
      clock,
      delivery: 'at-most-once',
      deliverTimeoutMs: 1_000,
      deliver,
    });

    const response = handler(sqsEvent(record()));
    await clock.advance(1_250);

    expect(await response).toEqual(listing());
    expect(sqs.deadLetters[0]?.attributes).toMatchObject(uncertain('1', errorName));
    expect(limiter.settlements).toMatchObject([{ outcome: 'dead' }]);
  });

  it.each([
    ['a silence', new RetryAfterError({ retryAfterMs: 5_000 }), [{ outcome: 'release', holdMs: 5_000 }]],
    ['a refusal', new PermanentError('gone'), [{ outcome: 'dead' }]],
  ])('believes %s, however late', async (_, error, settlements) => {
    const clock = fakeClock();
    const { handler, limiter } = makeHandler({
      clock,
      delivery: 'at-most-once',
      deliverTimeoutMs: 1_000,
      deliver: stopping(error),
    });

    const response = handler(sqsEvent(record()));
    await clock.advance(1_000);
    await response;

    expect(limiter.settlements).toMatchObject(settlements);
  });

  it('keeps an uncertain message hidden for its lease when its dead letter cannot be sent, should that not be recorded', async () => {
    const { handler, limiter, sqs } = makeHandler({
      delivery: 'at-most-once',
      admissions: [takenOver()],
      sqsFaults: {
        bury() {
          throw new Error('no');
        },
      },
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(limiter.settlements).toMatchObject([{ outcome: 'condemned', verdict: { reason: 'uncertain' } }]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 60 }]);
  });
});
