import { PermanentError, RetryAfterError, silentLogger } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../handler.ts';
import type { HandlerOptions } from '../options.ts';
import { fakeSqs } from '../testing/fake-sqs.ts';
import { interceptOutput } from '../testing/intercept-output.ts';
import { DEAD_LETTER_QUEUE_URL, lambdaContext, record, sqsEvent } from '../testing/records.ts';
import { scriptedLimiter, wait } from '../testing/scripted-limiter.ts';
import { slidingWindow } from '../limiter/limits/limit.ts';

const CANARY = 'tweet-tweet';
const written = interceptOutput();

/** A handler without a logger of the host, as the README has it. */
function makeUnlogged(overrides: Partial<HandlerOptions> = {}) {
  const clock = fakeClock();
  const sqs = fakeSqs();
  const handler = createHandler({
    deliver: async () => {},
    limits: [slidingWindow({ limit: 10, windowMs: 60_000 })],
    limiter: scriptedLimiter({ nowMs: clock.nowMs }),
    sqs,
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    metrics: { record: () => {} },
    clock,
    ...overrides,
  });
  return { handler, sqs, clock, inLambda: { ...lambdaContext(clock), functionName: 'messages' } };
}

const lines = () => written.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
const linesSaying = (message: string) => lines().filter((line) => line['message'] === message);

/** Messages of each fate, with content that must not be told. */
const batch = ['m-good', 'm-refused', 'm-fails', 'm-silence', 'm-late'].map((messageId) =>
  record({ messageId, message: { payload: CANARY } }),
);
const fates: Record<string, unknown> = {
  'm-refused': new PermanentError('gone', new Error(CANARY)),
  'm-fails': new Error(CANARY),
  'm-silence': new RetryAfterError({ retryAfterMs: 1_000, cause: new Error(CANARY) }),
};

describe('a handler without a logger of the host', () => {
  it('writes in Lambda exactly one line per batch and one per dead letter, and no content', async () => {
    const clock = fakeClock();
    const year = 365 * 24 * 3_600_000;
    const { handler, sqs, inLambda } = makeUnlogged({
      clock,
      concurrency: 1,
      limiter: {
        ...scriptedLimiter({ nowMs: clock.nowMs }),
        admit: ({ candidates: [candidate], ...request }) =>
          scriptedLimiter({
            nowMs: clock.nowMs,
            admissions: candidate?.id === 'm-late' ? [wait(clock.nowMs() + year)] : [],
          }).admit({ ...request, candidates: candidate ? [candidate] : [] }),
      },
      deliver: async ({ id }) => {
        if (id in fates) throw fates[id];
      },
    });

    await handler(sqsEvent(...batch, record({ messageId: 'm-foreign', body: CANARY })), inLambda);
    await handler(sqsEvent(record({ messageId: 'm-next' })), inLambda);

    expect(linesSaying('a batch was handled')).toEqual([
      {
        level: 'info',
        timestamp: new Date(clock.nowMs()).toISOString(),
        message: 'a batch was handled',
        received: 6,
        delivered: 1,
        dead: 3,
        retried: 1,
        parked: 1,
      },
      expect.objectContaining({ received: 1, delivered: 1 }),
    ]);
    expect(linesSaying('a message became a dead letter')).toEqual([
      expect.objectContaining({ level: 'error', sqsMessageId: 'm-foreign', reason: 'malformed-body' }),
      expect.objectContaining({ level: 'error', messageId: 'm-refused', reason: 'gone', attempts: 1 }),
      expect.objectContaining({ level: 'error', messageId: 'm-late', reason: 'waits-beyond-retention' }),
    ]);
    expect(sqs.deadLetters).toHaveLength(3);
    expect(written.lines.join('')).not.toContain(CANARY);
    expect(written.lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  });

  it('writes one line for a batch that it could not handle, too', async () => {
    const { handler, inLambda } = makeUnlogged();

    await handler(sqsEvent({ ...record(), eventSourceARN: 'nowhere' }), inLambda);

    expect(lines()).toMatchObject([{ level: 'error', received: 1 }]);
  });

  it('gives deliver the same lines', async () => {
    const { handler, inLambda } = makeUnlogged({
      deliver: async (_, { logger }) =>
        logger.warn({ message: 'of the field', status: 202 }, 'taken for later'),
    });

    await handler(sqsEvent(record()), inLambda);

    expect(lines()[0]).toMatchObject({ level: 'warn', message: 'taken for later', status: 202 });
  });

  it.each([
    ['anywhere else', {}],
    ['in a worker', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages' }],
  ])('writes nothing %s', async (_, context) => {
    const { handler, clock } = makeUnlogged();

    await handler(sqsEvent(record({ body: 'unreadable' })), { ...lambdaContext(clock), ...context });

    expect(written.lines).toEqual([]);
  });
});

it('a handler is silent in Lambda with a logger that is', async () => {
  const { handler, inLambda } = makeUnlogged({ logger: silentLogger });

  await handler(sqsEvent(record({ body: 'unreadable' })), inLambda);

  expect(written.lines).toEqual([]);
});
