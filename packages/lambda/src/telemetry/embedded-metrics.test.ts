import { silentLogger } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../handler.ts';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';
import { perMinute } from '../limiter/limits/limit.ts';
import { fakeSqs } from '../testing/fake-sqs.ts';
import { interceptOutput } from '../testing/intercept-output.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { DEAD_LETTER_QUEUE_URL, lambdaContext, record, sqsEvent } from '../testing/records.ts';

const written = interceptOutput();

/** A handler without metrics of the host, whose clock stands still. */
function makeUnmeasured() {
  const clock = fakeClock();
  const handler = createHandler({
    deliver: async () => {},
    limits: perMinute(10),
    limiter: memoryLimiter({ clock }),
    sqs: fakeSqs(),
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    logger: silentLogger,
    clock,
  });
  return { handler, clock, inLambda: { ...lambdaContext(clock), functionName: 'messages' } };
}

describe('a handler without metrics of the host', () => {
  it('writes one line per batch in Lambda, in the embedded metric format', async () => {
    const { handler, inLambda } = makeUnmeasured();
    const batch = [record({ messageId: 'm-1' }), record({ messageId: 'm-2' }), record({ body: '{' })];

    await handler(sqsEvent(...batch), inLambda);
    await handler(sqsEvent(record({ messageId: 'm-3' })), inLambda);

    const documents = written.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(documents).toMatchObject([
      { QueueName: 'messages', MessagesSent: 2, MessagesFailed: 1 },
      { QueueName: 'messages', MessagesSent: 1 },
    ]);
    expect(documents[0]?.['QueueLatency']).toHaveLength(2);
    expect(documents[0]?.['_aws']).toMatchObject({
      CloudWatchMetrics: [{ Namespace: 'Huntaze/RateLimiter', Dimensions: [['QueueName']] }],
    });
  });

  it('measures each queue that its function serves under its own name', async () => {
    const { handler, inLambda } = makeUnmeasured();
    const from = (name: string, messageId: string) => ({
      ...record({ messageId }),
      eventSourceARN: `arn:aws:sqs:eu-west-1:123456789012:${name}`,
    });

    await handler(sqsEvent(from('one', 'm-1')), inLambda);
    await handler(sqsEvent(from('two', 'm-2')), inLambda);

    expect(written.lines.map((line) => (JSON.parse(line) as { QueueName: string }).QueueName)).toEqual([
      'one',
      'two',
    ]);
  });

  it.each([
    ['anywhere else', {}],
    ['in a worker', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages' }],
  ])('writes nothing %s', async (_, context) => {
    const { handler, clock } = makeUnmeasured();

    await handler(sqsEvent(record()), { ...lambdaContext(clock), ...context });

    expect(written.lines).toEqual([]);
  });

  it('answers for a batch whose queue has no name', async () => {
    const { handler, inLambda } = makeUnmeasured();
    const nameless = { ...record({ messageId: 'm-1' }), eventSourceARN: 'nowhere' };

    expect(await handler(sqsEvent(nameless), inLambda)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'm-1' }],
    });
  });
});

describe('metrics of the host', () => {
  it('are handed over at the end of a batch in Lambda, and a worker decides itself', async () => {
    const heard: string[] = [];
    const metrics = {
      record: (name: string) => heard.push(name),
      flush: async () => void heard.push('flush'),
    };
    const { handler, clock } = makeHandler({ metrics });

    await handler(sqsEvent(record({ messageId: 'm-1' })), lambdaContext(clock));
    expect(heard).not.toContain('flush');
    await handler(sqsEvent(record({ messageId: 'm-2' })), { ...lambdaContext(clock), functionName: 'f' });

    expect(heard.at(-1)).toBe('flush');
    expect(written.lines).toEqual([]);
  });

  it.each([
    [30_000, 5_000],
    [1_000, 900],
  ])(
    'that are never handed over cost, of %d ms, no more than %d, and no response',
    async (leftMs, waitedMs) => {
      const { handler, clock, logs } = makeHandler({
        metrics: { record: () => {}, flush: () => new Promise<void>(() => {}) },
      });
      let answered = false;
      const response = handler(sqsEvent(record()), { ...lambdaContext(clock, leftMs), functionName: 'f' });
      void response.then(() => (answered = true));

      await clock.advance(waitedMs - 1);
      expect(answered).toBe(false);
      await clock.advance(1);

      expect(await response).toEqual({ batchItemFailures: [] });
      expect(logs.at(-1)).toMatchObject({
        level: 'warn',
        message: 'there was no time to hand over all metrics',
      });
    },
  );
});
