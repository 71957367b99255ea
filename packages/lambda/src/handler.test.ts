import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { queueTag } from './limiter/identity.ts';
import { memoryLimiter } from './limiter/memory/memory-limiter.ts';
import { perMinute } from './limiter/limits/limit.ts';
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
import { busy, wait } from './testing/scripted-limiter.ts';

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
      {
        attempt: 1,
        idempotencyKey: `${queueTag('eu-west-1/123456789012/messages')}:k:a`,
        logger: expect.anything(),
        signal: expect.any(AbortSignal),
      },
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
        queue: 'eu-west-1/123456789012/messages',
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
    const configured = makeHandler({ admissions, queueUrl: 'http://127.0.0.1:4566/000000000000/queue' });

    await derived.handler(sqsEvent(record()));
    await configured.handler(sqsEvent(record()));

    expect(derived.sqs.parkCalls).toEqual([{ queueUrl: QUEUE_URL, entries: 1 }]);
    expect(configured.sqs.parkCalls).toEqual([
      { queueUrl: 'http://127.0.0.1:4566/000000000000/queue', entries: 1 },
    ]);
  });

  it('of an unknown queue stays there, aloud, before anything is delivered', async () => {
    const { handler, limiter, logs } = makeHandler();

    const response = await handler(sqsEvent(record({ eventSourceARN: 'arn:aws:s3:::bucket' })));

    expect(response).toEqual(listing('m-1'));
    expect(limiter.asked).toEqual([]);
    expect(logs).toMatchObject([{ level: 'error', fields: { received: 1, error: 'TypeError' } }]);
  });

  it('may be a bare array, as EventBridge Pipes hands it over', async () => {
    const { handler, calls } = makeHandler({
      admissions: (nowMs) => [{ kind: 'granted', attempt: 1 }, wait(nowMs + 60_000)],
    });

    expect(await handler([record(), record({ messageId: 'm-2' })] as never)).toEqual(listing('m-2'));
    expect(calls.map(({ id }) => id)).toEqual(['m-1']);
    expect(await handler([] as never)).toEqual(listing());
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a string', 'SECRET'],
    ['an object without Records', {}],
    ['an object without Records', { Records: 'SECRET' }],
    ['an object without Records', { httpMethod: 'POST', body: 'SECRET' }],
    ['records of aws:sns', { Records: [{ EventSource: 'aws:sns', Sns: { Message: 'SECRET' } }] }],
    ['records of aws:kinesis', { Records: [{ ...record(), eventSource: 'aws:kinesis' }] }],
    ['records of another source', { Records: [record(), { ...record(), eventSource: 'SECRET' }] }],
    ['2 of 3 without a messageId', { Records: [record(), null, { ...record(), messageId: '' }] }],
    ['1 of 1 without a messageId', [{ SECRET: 7 }]],
  ])('that is none of SQS is refused aloud, before anything is delivered: %s', async (found, event) => {
    const { handler, limiter } = makeHandler();

    const refusal = await handler(event as never).then(
      () => 'it was acknowledged',
      (error: unknown) => String(error),
    );

    expect(refusal).toBe(
      `TypeError: expected an event with the records of an SQS queue, found ${found}: give the function a queue as its only source`,
    );
    expect(limiter.asked).toEqual([]);
  });

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
