import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../src/testing/make-handler.ts';
import { FIFO_QUEUE_ARN, lambdaContext, listing, record, sqsEvent } from '../src/testing/records.ts';
import { wait } from '../src/testing/scripted-limiter.ts';
import type { SqsClient } from '../src/sqs/sqs-client.ts';

const never = () => new Promise<never>(() => {});
const silentSqs = { send: never } as SqsClient;

describe('an SQS that does not answer', () => {
  it('costs a parked message its exact time, and the handler a second and five', async () => {
    const clock = fakeClock();
    const { handler, logs } = makeHandler({
      clock,
      sqs: silentSqs,
      admissions: (nowMs) => [wait(nowMs + 60_000)],
    });

    const response = handler(sqsEvent(record()));
    // The second is spent on the attributes of the queue, the first time that something is parked.
    await clock.advance(6_000);

    expect(await response).toEqual(listing('m-1'));
    expect(logs).toContainEqual({
      level: 'warn',
      fields: { failed: 1, error: 'TimeoutError' },
      message: 'messages could not be parked',
    });
    expect(clock.sleeping).toBe(0);
  });

  it('is told that nobody waits any more', async () => {
    const clock = fakeClock();
    const signals: (AbortSignal | undefined)[] = [];
    const { handler } = makeHandler({
      clock,
      timeoutMs: 1_000,
      sqs: {
        send: (_: unknown, options?: { readonly abortSignal?: AbortSignal }) => {
          signals.push(options?.abortSignal);
          return never();
        },
      },
    });

    const response = handler(sqsEvent(record({ body: 'unreadable' })));
    await clock.advance(1_000);

    expect(await response).toEqual(listing('m-1'));
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('does not cost a function its response: what is not known to be finished is listed', async () => {
    const clock = fakeClock();
    const { handler, logs } = makeHandler({ clock, sqs: silentSqs });

    const response = handler(
      sqsEvent(record(), record({ messageId: 'm-2', body: 'unreadable' })),
      lambdaContext(clock, 3_000),
    );
    await clock.advance(2_900);

    expect(await response).toEqual(listing('m-2'));
    expect(logs.at(-2)).toEqual({
      level: 'error',
      fields: {},
      message: 'the time was up before all was done: what is not known to be finished is listed',
    });
  });
});

it('a function that has longer than a timer can be set for is not cut short', async () => {
  const clock = fakeClock();
  const asNode = {
    ...clock,
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms > 2 ** 31 - 1 ? 1 : ms, signal),
  };
  const { handler } = makeHandler({ clock: asNode, deliver: () => clock.sleep(5) });

  const response = handler(sqsEvent(record()), { getRemainingTimeInMillis: () => 2 ** 40 });
  await clock.advance(5);

  expect(await response).toEqual(listing());
});

describe('a limiter that does not answer', () => {
  it('counts as unavailable after five seconds', async () => {
    const clock = fakeClock();
    const { limiter } = makeHandler({ clock });
    const { handler, sqs, calls } = makeHandler({ clock, limiter: { ...limiter, admit: never } });

    const response = handler(sqsEvent(record()));
    await clock.advance(5_000);

    expect(await response).toEqual(listing('m-1'));
    expect(calls).toEqual([]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 4 }]);
  });

  it('leaves a delivered message acknowledged after five seconds', async () => {
    const clock = fakeClock();
    const { limiter } = makeHandler({ clock });
    const { handler, calls } = makeHandler({ clock, limiter: { ...limiter, settle: never } });

    const response = handler(sqsEvent(record()));
    await clock.advance(5_000);

    expect(await response).toEqual(listing());
    expect(calls).toHaveLength(1);
  });
});

describe('a schema that does not answer', () => {
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: (value: unknown) => (value === 'slow' ? never() : { value }),
    },
  };
  const slow = { message: { payload: 'slow' } };

  it('leaves its message in the queue, and its neighbours are delivered', async () => {
    const clock = fakeClock();
    const { handler, calls, sqs, logs } = makeHandler({ clock, payload: schema });

    const response = handler(sqsEvent(record({ messageId: 'slow', ...slow }), record()));
    await clock.advance(5_000);

    expect(await response).toEqual(listing('slow'));
    expect(calls.map(({ id }) => id)).toEqual(['m-1']);
    expect(sqs.deadLetters).toEqual([]);
    expect(logs[0]).toMatchObject({ level: 'error', fields: { sqsMessageId: 'slow' } });
  });

  it('holds up its group of a FIFO queue', async () => {
    const clock = fakeClock();
    const { handler, calls } = makeHandler({ clock, payload: schema });
    const ordered = { eventSourceARN: FIFO_QUEUE_ARN, group: 'account-1' };

    const response = handler(
      sqsEvent(record({ messageId: 'slow', ...slow, ...ordered }), record({ ...ordered })),
    );
    await clock.advance(5_000);

    expect(await response).toEqual(listing('slow', 'm-1'));
    expect(calls).toEqual([]);
  });
});
