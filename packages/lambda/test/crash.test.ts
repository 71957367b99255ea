import { PermanentError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import type { Limiter } from '../src/limiter/limiter.ts';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { lambdaContext, listing, record, sqsEvent } from '../src/testing/records.ts';

const never = () => new Promise<never>(() => {});
const received = (receives: number) => sqsEvent(record({ receives }));

/** A worker with this limiter, whose upstream refuses every message; it dies where `dies` never answers. */
function refusing(clock: ReturnType<typeof fakeClock>, limiter: Limiter, dies: Partial<Limiter> = {}) {
  return makeHandler({
    clock,
    limiter: { ...limiter, ...dies },
    leaseMs: 5_000,
    timeoutMs: 60_000,
    deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/dead.fifo',
    deliver: () => Promise.reject(new PermanentError('gone')),
  });
}

describe('a worker that dies around a dead letter', () => {
  it('before its record, has it sent again with the same ids, which a FIFO queue drops', async () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock });
    const first = refusing(clock, limiter, { settle: never });
    const second = refusing(clock, limiter);

    void first.handler(received(1));
    await clock.advance(6_000);
    const response = second.handler(received(2), lambdaContext(clock));
    await clock.advance(2_000);

    expect(await response).toEqual(listing());
    const letters = [...first.sqs.deadLetters, ...second.sqs.deadLetters];
    expect(
      letters.map(({ attributes, deduplicationId }) => [attributes['messageId'], deduplicationId]),
    ).toEqual([
      ['m-1', 'm-1'],
      ['m-1', 'm-1'],
    ]);
  });

  it('between its record and its acknowledgement, has the message recognised: no second letter', async () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock });
    const first = refusing(clock, limiter);
    const second = refusing(clock, limiter);

    await first.handler(received(1));
    const response = await second.handler(received(2));

    expect(response).toEqual(listing());
    expect(first.sqs.deadLetters).toHaveLength(1);
    expect(second.sqs.deadLetters).toEqual([]);
    expect(second.calls).toEqual([]);
  });

  it('before it was sent, loses nothing', async () => {
    const clock = fakeClock();
    const limiter = memoryLimiter({ clock });
    const first = makeHandler({ clock, limiter, leaseMs: 5_000, deliver: never });
    const second = refusing(clock, limiter);

    void first.handler(received(1), lambdaContext(clock, 4_000));
    await clock.advance(6_000);
    const response = second.handler(received(2), lambdaContext(clock));
    await clock.advance(2_000);

    expect(await response).toEqual(listing());
    expect(second.sqs.deadLetters).toMatchObject([{ attributes: { reason: 'gone', attempts: '2' } }]);
  });
});

it('a letter is sent before it is recorded, and recorded before its message is acknowledged', async () => {
  const steps: string[] = [];
  const { limiter } = makeHandler();
  const { handler } = makeHandler({
    limiter: {
      ...limiter,
      settle: async ({ settlements }) => {
        steps.push('recorded');
        return settlements.map(() => true);
      },
    },
    sqsFaults: { bury: () => void steps.push('sent') },
    deliver: () => Promise.reject(new PermanentError('gone')),
  });

  await handler(received(1));
  steps.push('acknowledged');

  expect(steps).toEqual(['sent', 'recorded', 'acknowledged']);
});
