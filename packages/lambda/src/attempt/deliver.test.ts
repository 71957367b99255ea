import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import type { DeliverContext } from './deliver.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { lambdaContext, listing, record, sqsEvent } from '../testing/records.ts';
import { granted } from '../testing/scripted-limiter.ts';

const never = () => new Promise<never>(() => {});

/** Ends as soon as it is told to, and remembers when and why. */
function obedient(nowMs: () => number) {
  const aborted: { atMs: number; reason: unknown }[] = [];
  const deliver = (_: unknown, { signal }: DeliverContext) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        aborted.push({ atMs: nowMs(), reason: signal.reason });
        reject(new Error('aborted'));
      });
    });
  return { deliver, aborted };
}

describe('a deliver that takes too long', () => {
  it('is told to stop when its lease ends', async () => {
    const clock = fakeClock();
    const { deliver, aborted } = obedient(clock.monotonicMs);
    const { handler } = makeHandler({ clock, deliver, leaseMs: 5_000 });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(5_000);

    expect(aborted).toMatchObject([{ atMs: 5_000, reason: { name: 'TimeoutError' } }]);
    expect(await response).toEqual(listing('m-1'));
  });

  it('is told to stop when the function has half a second left', async () => {
    const clock = fakeClock();
    const { deliver, aborted } = obedient(clock.monotonicMs);
    const { handler } = makeHandler({ clock, deliver });

    const response = handler(sqsEvent(record()), lambdaContext(clock, 3_000));
    await clock.advance(2_500);

    expect(aborted).toMatchObject([{ atMs: 2_500 }]);
    expect(await response).toEqual(listing('m-1'));
  });

  it('and that says how it ended is believed', async () => {
    const clock = fakeClock();
    const { handler, limiter } = makeHandler({ clock, leaseMs: 5_000, deliver: () => clock.sleep(5_200) });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(5_200);

    expect(await response).toEqual(listing());
    expect(limiter.settlements).toMatchObject([{ outcome: 'delivered' }]);
  });

  it('without an end leaves its message listed, parked to the end of its lease, and its outcome open', async () => {
    const clock = fakeClock();
    const { handler, limiter, sqs, logs } = makeHandler({ clock, deliver: never });

    const response = handler(sqsEvent(record()), lambdaContext(clock, 10_000));
    await clock.advance(9_750);

    expect(await response).toEqual(listing('m-1'));
    expect(limiter.settlements).toEqual([]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 51 }]);
    expect(logs[0]).toEqual({
      level: 'error',
      fields: { messageId: 'm-1', attempt: 1 },
      message: 'a delivery did not end in time: its outcome is unknown',
    });
  });

  it('without an end does not hang a worker, which has no time limit of its own', async () => {
    const clock = fakeClock();
    const { handler } = makeHandler({ clock, deliver: never, leaseMs: 60_000 });

    const response = handler(sqsEvent(record()));
    await clock.advance(60_250);

    expect(await response).toEqual(listing('m-1'));
  });

  it('leaves no timer behind', async () => {
    const clock = fakeClock();
    const { handler } = makeHandler({ clock });

    await handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(0);

    expect(clock.sleeping).toBe(0);
  });
});

describe('a deliver for which there is no time', () => {
  it('is not called, and its place is given back', async () => {
    const clock = fakeClock();
    const { handler, calls, limiter, sqs } = makeHandler({
      clock,
      limiter: {
        async admit(request) {
          await clock.sleep(1_000);
          return request.candidates.map(({ id }) => ({
            kind: 'granted',
            claim: {
              key: request.key,
              id,
              token: 7,
              attempt: 1,
              takeover: false,
              leaseUntilMs: clock.nowMs(),
            },
          }));
        },
        async settle({ settlements }) {
          settled.push(...settlements);
          return [true];
        },
        renew: async () => [],
      },
      leaseMs: 1_000,
    });
    const settled: unknown[] = [];

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(1_000);

    expect(await response).toEqual(listing('m-1'));
    expect(calls).toEqual([]);
    expect(settled).toEqual([{ id: 'm-1', token: 7, outcome: 'unused' }]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 1 }]);
    expect(limiter.asked).toEqual([]);
  });
});

describe('a deliver that throws', () => {
  const hostile = (fields: PropertyDescriptorMap) => Object.defineProperties(new Error('hidden'), fields);
  const explode = {
    get(): never {
      throw new Error('do not look');
    },
  };
  const distrustful = new Proxy(new Error('hidden'), {
    get: explode.get,
    getPrototypeOf: explode.get,
    has: explode.get,
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'unknown'],
    ['null', null, 'unknown'],
    ['text', 'boom', 'unknown'],
    ['a number', 503, 'unknown'],
    ['a symbol', Symbol('boom'), 'unknown'],
    ['a function', () => {}, 'unknown'],
    ['an object without a prototype', Object.create(null), 'unknown'],
    ['a frozen object', Object.freeze({ code: 'RETRY_AFTER', retryAfterMs: 5 }), 'unknown'],
    ['a frozen error', Object.freeze(new RangeError('boom')), 'RangeError'],
    ['an error without a name', hostile({ name: { value: '' } }), 'unknown'],
    ['an error whose name is no text', hostile({ name: { value: 42 } }), 'unknown'],
    ['an error whose name throws', hostile({ name: explode }), 'unknown'],
    ['an error whose code throws', hostile({ code: explode }), 'Error'],
    ['an error that throws wherever it is looked at', hostile({ code: explode, message: explode }), 'Error'],
    [
      'a silence whose time throws',
      hostile({ code: { value: 'RETRY_AFTER' }, retryAfterMs: explode }),
      'RETRY_AFTER',
    ],
    ['a proxy that throws whatever is done to it', distrustful, 'unknown'],
    ['an error that is its own cause', Object.assign(new Error('boom'), { cause: distrustful }), 'Error'],
  ])('%s is tried again', async (_, thrown, error) => {
    const { handler, limiter, logs } = makeHandler({
      deliver: () => Promise.reject(thrown),
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));

    expect(limiter.settlements).toMatchObject([{ outcome: 'retry' }]);
    expect(logs[0]?.fields).toEqual({ messageId: 'm-1', attempt: 1, error });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a proxy that throws whatever is done to it', distrustful],
  ])('%s for the last time becomes a dead letter', async (_, thrown) => {
    const { handler, sqs } = makeHandler({
      admissions: [granted(5)],
      deliver: () => Promise.reject(thrown),
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing());
    expect(sqs.deadLetters[0]?.attributes).toMatchObject({ errorName: 'unknown', attempts: '5' });
  });

  it('a permanent error without a readable message has a dead letter nevertheless', async () => {
    const thrown = [explode, { value: 42 }].map((message) =>
      hostile({ code: { value: 'PERMANENT' }, message }),
    );
    const { handler, sqs } = makeHandler({
      deliver: ({ payload }) => Promise.reject(thrown[Number(payload)]),
    });

    const batch = thrown.map((_, index) => record({ messageId: `r-${index}`, message: { payload: index } }));

    expect(await handler(sqsEvent(...batch))).toEqual(listing());
    expect(sqs.deadLetters.map(({ attributes }) => attributes['reason'])).toEqual(['unknown', 'unknown']);
  });

  it('before it returns a promise is treated alike', async () => {
    const { handler, limiter } = makeHandler({
      deliver: () => {
        throw new Error('synchronous');
      },
    });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(limiter.settlements).toMatchObject([{ outcome: 'retry' }]);
  });
});
