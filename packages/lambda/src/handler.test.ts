import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from './limiter/memory/memory-limiter.ts';
import { perMinute } from './limits/limit.ts';
import { listen, makeHandler } from './testing/make-handler.ts';
import {
  ENQUEUED_AT_MS,
  lambdaContext,
  listing,
  message,
  QUEUE_URL,
  record,
  records,
  sqsEvent,
} from './testing/records.ts';
import { busy, settled, wait } from './testing/scripted-limiter.ts';

describe('a batch', () => {
  it('is delivered and acknowledged', async () => {
    const { handler, clock, calls, limiter, sqs } = makeHandler();

    const response = await handler(sqsEvent(...records(3)), lambdaContext(clock));

    expect(response).toEqual(listing());
    expect(calls.map(({ id, attempt }) => [id, attempt])).toEqual([
      ['m-1', 1],
      ['m-2', 1],
      ['m-3', 1],
    ]);
    expect(limiter.settlements).toEqual([
      { id: 'm-1', token: 1, outcome: 'delivered' },
      { id: 'm-2', token: 2, outcome: 'delivered' },
      { id: 'm-3', token: 3, outcome: 'delivered' },
    ]);
    expect(sqs.parkCalls).toEqual([]);
  });

  it('reaches deliver as it was sent, with what deliver needs', async () => {
    const { ports } = listen();
    const received: unknown[] = [];
    const sent = message({
      id: 'a',
      key: 'k',
      priority: 'high',
      payload: [1, { two: null }],
      traceparent: 't',
    });
    const { handler } = makeHandler({
      logger: ports.logger,
      deliver: async (...args) => void received.push(...args),
    });

    await handler(sqsEvent(record({ message: sent })));

    expect(received).toEqual([
      sent,
      { attempt: 1, idempotencyKey: 'k:a', logger: expect.anything(), signal: expect.any(AbortSignal) },
    ]);
  });

  it('may be empty, wherever it comes from', async () => {
    const { handler, clock, limiter } = makeHandler();

    expect(await handler({ Records: [] }, lambdaContext(clock))).toEqual(listing());
    expect(limiter.asked).toEqual([]);
  });

  it('is asked about key by key, in one question each', async () => {
    const { handler, limiter } = makeHandler();
    const of = (messageId: string, key: string) => record({ messageId, message: { key } });

    await handler(sqsEvent(of('a1', 'A'), of('b1', 'B'), of('a2', 'A')));

    expect(limiter.asked.map(({ key, candidates }) => [key, candidates.map(({ id }) => id)])).toEqual([
      ['A', ['a1', 'a2']],
      ['B', ['b1']],
    ]);
  });

  it('is asked about with the limits, the margin, the lease and the priorities', async () => {
    const limits = perMinute(10);
    const { handler, limiter } = makeHandler({ limits, agingMs: 0, leaseMs: 45_000 });

    await handler(sqsEvent(record({ message: { priority: 'low' } })));

    expect(limiter.asked).toEqual([
      {
        key: 'account-1',
        limits,
        marginMs: 400,
        agingMs: 0,
        leaseMs: 45_000,
        candidates: [{ id: 'm-1', priority: 'low', cost: 1 }],
      },
    ]);
  });

  it('is answered with the ids of SQS, not those of the messages', async () => {
    const { handler } = makeHandler({ admissions: (nowMs) => [busy(nowMs + 60_000)] });

    const response = await handler(sqsEvent(record({ messageId: 'sqs-7', message: { id: 'mine' } })));

    expect(response).toEqual(listing('sqs-7'));
  });

  it('is parked in the queue it came from, unless another is configured', async () => {
    const admissions = (nowMs: number) => [wait(nowMs + 60_000)];
    const derived = makeHandler({ admissions });
    const configured = makeHandler({ admissions, queueUrl: 'http://127.0.0.1:4566/queue' });

    await derived.handler(sqsEvent(record()));
    await configured.handler(sqsEvent(record()));

    expect(derived.sqs.parkCalls).toEqual([{ queueUrl: QUEUE_URL, entries: 1 }]);
    expect(configured.sqs.parkCalls).toEqual([{ queueUrl: 'http://127.0.0.1:4566/queue', entries: 1 }]);
  });

  it('of an unknown queue stays there, aloud, before anything is delivered', async () => {
    const { handler, limiter, logs } = makeHandler();

    const response = await handler(sqsEvent(record({ eventSourceARN: 'arn:aws:s3:::bucket' })));

    expect(response).toEqual(listing('m-1'));
    expect(limiter.asked).toEqual([]);
    expect(logs).toMatchObject([{ level: 'error', fields: { received: 1, error: 'TypeError' } }]);
  });

  it.each([undefined, null, {}, { Records: 'none' }, { Records: [null, 7, {}, { messageId: '' }] }])(
    'that is no batch of SQS (%j) has nothing to list',
    async (event) => {
      const { handler } = makeHandler();
      expect(await handler(event as never)).toEqual(listing());
    },
  );

  it('whose records lack what SQS gives is handled all the same', async () => {
    const { handler, sqs } = makeHandler({ queueUrl: QUEUE_URL, admissions: [new Error('no answer')] });
    const { body, messageId } = record();

    const response = await handler({ Records: [{ messageId, body }, { messageId: 'm-2' }] } as never);

    expect(response).toEqual(listing('m-1'));
    expect(sqs.deadLetters.map(({ attributes }) => attributes['reason'])).toEqual(['malformed-body']);
  });

  it('with one id twice lists it unless both its records are final', async () => {
    const { handler } = makeHandler();
    const bodies = [record({ message: { id: 'delivered' } }), record({ message: { id: 'parked' } })];
    const parking = makeHandler({
      admissions: (nowMs) => [{ kind: 'granted', attempt: 1 }, wait(nowMs + 60_000)],
    });

    expect(await handler(sqsEvent(...bodies))).toEqual(listing());
    expect(await parking.handler(sqsEvent(...bodies))).toEqual(listing('m-1'));
  });
});

describe('duplicates', () => {
  it('within one batch are delivered once and acknowledged both', async () => {
    const { handler, calls, limiter } = makeHandler();
    const twin = { id: 'same' };

    const response = await handler(
      sqsEvent(record({ messageId: 'sqs-1', message: twin }), record({ messageId: 'sqs-2', message: twin })),
    );

    expect(response).toEqual(listing());
    expect(calls).toHaveLength(1);
    expect(limiter.asked[0]?.candidates).toHaveLength(1);
  });

  it('within one batch are parked and listed together', async () => {
    const { handler, sqs } = makeHandler({ admissions: (nowMs) => [busy(nowMs + 90_000)] });
    const twin = { id: 'same' };

    const response = await handler(
      sqsEvent(record({ messageId: 'sqs-1', message: twin }), record({ messageId: 'sqs-2', message: twin })),
    );

    expect(response).toEqual(listing('sqs-1', 'sqs-2'));
    expect(sqs.parked).toEqual([
      { messageId: 'sqs-1', visibilitySeconds: 90 },
      { messageId: 'sqs-2', visibilitySeconds: 90 },
    ]);
  });

  it('are told apart by key and id together', async () => {
    const { handler, calls } = makeHandler();
    const of = (messageId: string, key: string, id: string) => record({ messageId, message: { key, id } });

    await handler(sqsEvent(of('1', 'A', 'x'), of('2', 'B', 'x'), of('3', 'A', 'y')));

    expect(calls.map(({ key, id }) => `${key} ${id}`)).toEqual(['A x', 'A y', 'B x']);
  });

  it.each(['delivered', 'dead'] as const)(
    'of a %s message are acknowledged without delivery',
    async (outcome) => {
      const { handler, calls, logs } = makeHandler({ admissions: [settled(outcome)] });

      expect(await handler(sqsEvent(record()))).toEqual(listing());
      expect(calls).toEqual([]);
      expect(logs).toEqual([
        { level: 'info', fields: { received: 1, duplicate: 1 }, message: 'a batch was handled' },
      ]);
    },
  );

  it('of a message that another worker delivers are parked until its lease ends', async () => {
    const { handler, calls, sqs } = makeHandler({ admissions: (nowMs) => [busy(nowMs + 41_500)] });

    expect(await handler(sqsEvent(record()))).toEqual(listing('m-1'));
    expect(calls).toEqual([]);
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 42 }]);
  });
});

describe('measurements', () => {
  it('tell what was sent and how long it took since the client accepted it', async () => {
    const { handler, measured, clock } = makeHandler();
    const enqueuedAtMs = clock.nowMs() - 12_345;

    await handler(sqsEvent(record({ message: { enqueuedAtMs } })));

    expect(measured).toEqual([
      { name: 'LimiterLatency', value: 0 },
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

it('does its work although logger and metrics throw', async () => {
  const broken = () => {
    throw new Error('no disk space');
  };
  const { handler, calls } = makeHandler({
    logger: { debug: broken, info: broken, warn: broken, error: broken },
    metrics: { record: broken },
  });

  expect(await handler(sqsEvent(record({ body: 'not ours' }), record({ messageId: 'm-1' })))).toEqual(
    listing(),
  );
  expect(calls).toHaveLength(1);
});

it('keeps ten per minute, with the limiter of a single process', async () => {
  const clock = fakeClock(ENQUEUED_AT_MS);
  const { handler, calls, sqs } = makeHandler({
    clock,
    limits: perMinute(10),
    limiter: memoryLimiter({ clock }),
    concurrency: 20,
    inlineHoldMs: 0,
  });

  const first = await handler(sqsEvent(...records(12)), lambdaContext(clock));
  await clock.advance(61_000);
  const second = await handler(sqsEvent(...records(12).slice(10)), lambdaContext(clock));

  expect(first).toEqual(listing('m-11', 'm-12'));
  expect(sqs.parked).toEqual([
    { messageId: 'm-11', visibilitySeconds: 61 },
    { messageId: 'm-12', visibilitySeconds: 61 },
  ]);
  expect(second).toEqual(listing());
  expect(calls.map(({ atMs }) => atMs - ENQUEUED_AT_MS)).toEqual([
    ...Array<number>(10).fill(0),
    61_000,
    61_000,
  ]);
});
