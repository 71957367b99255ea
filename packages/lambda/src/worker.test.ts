import { ConfigurationError } from '@huntaze/rate-limiter-client/contract';
import { describe, expect, it } from 'vitest';
import type { InvocationContext, SqsEvent } from './message/event.ts';
import type { Handler } from './message/event.ts';
import { eventually, makeWorker, slowHandler } from './testing/make-worker.ts';
import { listing, QUEUE_URL } from './testing/records.ts';

describe('a worker', () => {
  it('hands over what it receives as a batch of records, with its queue and no limit of time', async () => {
    const handed: [SqsEvent, InvocationContext | undefined][] = [];
    const { worker, stop, receives } = makeWorker({
      replies: [['a', 'b']],
      handler: async (...args) => {
        handed.push(args as [SqsEvent, InvocationContext]);
        return listing();
      },
    });

    worker.start();
    await eventually(() => expect(handed).toHaveLength(1));
    const remainingMs = handed[0]?.[1]?.getRemainingTimeInMillis();
    await stop();

    expect(handed[0]?.[0].Records[0]).toEqual({
      messageId: 'a',
      receiptHandle: 'handle of a',
      body: 'body of a',
      attributes: { SenderId: 'a' },
      eventSourceARN: '',
    });
    expect(handed[0]?.[1]?.queueUrl).toBe(QUEUE_URL);
    expect(remainingMs).toBe(Number.POSITIVE_INFINITY);
    expect(receives[0]?.input).toMatchObject({
      QueueUrl: QUEUE_URL,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 5,
      MessageSystemAttributeNames: ['All'],
      VisibilityTimeout: undefined,
    });
  });

  it('deletes what the response does not list, and leaves the rest as it was parked', async () => {
    const { worker, stop, deleted } = makeWorker({
      replies: [['a', 'b', 'c']],
      handler: async () => listing('b'),
    });

    worker.start();
    await eventually(() => expect(deleted).toEqual(['handle of a', 'handle of c']));
    await stop();
  });

  it.each([
    ['leaves', 'b', listing('b'), ['handle of a']],
    ['deletes', 'b', listing('a'), ['handle of b', 'another handle of b']],
  ])('%s both receipts of a message that one receive held twice', async (_, twin, response, expected) => {
    const { worker, stop, deleted, logs } = makeWorker({
      replies: [['a', twin, twin]],
      handler: async () => response,
    });

    worker.start();
    await eventually(() => expect(deleted).toEqual(expected));
    await stop();

    expect(logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it.each<[string, Handler]>([
    ['throws', () => Promise.reject(new TypeError('no queue'))],
    ['lists a message of another batch', async () => listing('a', 'x')],
  ])('deletes nothing when the handler %s, says so and goes on', async (_, failing) => {
    const answers = [failing, async () => listing()];
    const { worker, stop, deleted, logs } = makeWorker({
      replies: [['a'], ['b']],
      handler: (event, context) => answers.shift()!(event, context),
    });

    worker.start();
    await eventually(() => expect(deleted).toEqual(['handle of b']));
    await stop();

    expect(logs[0]).toMatchObject({
      level: 'error',
      message: 'a batch was not finished: its messages come back',
    });
  });

  it('goes on when messages cannot be deleted: they come back and are recognised', async () => {
    const { worker, stop, receives, logs } = makeWorker({ replies: [['a'], ['b']], refuseDelete: true });

    worker.start();
    await eventually(() => expect(receives).toHaveLength(3));
    await stop();

    expect(logs.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  it('has at most as many batches in hand as it may', async () => {
    const { handler, open } = slowHandler();
    const { worker, stop, receives, deleted } = makeWorker({
      replies: [['a'], ['b'], ['c']],
      concurrency: 2,
      handler,
    });

    worker.start();
    await eventually(() => expect(handler).toHaveBeenCalledTimes(2));
    expect(receives).toHaveLength(2);
    open[0]!();
    await eventually(() => expect(handler).toHaveBeenCalledTimes(3));
    expect(receives).toHaveLength(3);
    for (const finish of open) finish();
    await stop();

    expect(deleted).toHaveLength(3);
  });
});

it('outlives a queue that fails, and asks it again later', async () => {
  const down = Object.assign(new Error('no'), { name: 'OverLimit' });
  const { worker, stop, clock, receives, deleted, logs } = makeWorker({ replies: [down, ['a']] });

  worker.start();
  await eventually(() => expect([logs.length, clock.sleeping]).toEqual([1, 1]));
  expect(worker.health().failedPolls).toBe(1);
  await clock.advance(1_000);
  await eventually(() => expect(deleted).toEqual(['handle of a']));
  expect(worker.health().failedPolls).toBe(0);
  await stop();

  expect(receives.map(({ atMs }) => atMs).slice(0, 2)).toEqual([0, 1_000]);
  expect(logs[0]).toEqual({
    level: 'error',
    fields: { failures: 1, error: 'OverLimit' },
    message: 'messages could not be received: the queue is asked later',
  });
});

it.each([
  [
    new Error('Region is missing'),
    'RegionMissing: no request was made, because neither the queue URL nor AWS_REGION',
  ],
  [
    Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    }),
    'CredentialsProviderError: no request was made, because the AWS SDK found no credentials: give the process a role',
  ],
])('says in its health and its log what the AWS SDK lacks: %s', async (error, problem) => {
  const { worker, stop, clock, logs } = makeWorker({ replies: [error, []] });

  worker.start();
  await eventually(() => expect([logs.length, clock.sleeping]).toEqual([1, 1]));
  expect(worker.health()).toMatchObject({ failedPolls: 1, pollProblem: expect.stringContaining(problem) });
  expect(logs[0]?.fields).toMatchObject({ error: expect.stringContaining(problem) });
  await clock.advance(1_000);
  await eventually(() => expect(worker.health()).toMatchObject({ failedPolls: 0, pollProblem: undefined }));
  await stop();
});

it('refuses wrong options, all at once', () => {
  const create = () =>
    makeWorker({
      queueUrl: '',
      handler: 'no' as unknown as Handler,
      concurrency: 0,
      pollWaitMs: 1_500,
      timeoutMs: 0,
    });

  expect(create).toThrow(ConfigurationError);
  expect(create).toThrow(
    'queueUrl: expected the URL of an SQS queue such as https://sqs.eu-west-1.amazonaws.com/123456789012/messages, found an empty string; ' +
      'handler: expected what createHandler gives, found a string; ' +
      'concurrency: expected a whole number from 1 to 100, found 0; ' +
      'pollWaitMs: expected whole seconds from 1000 to 20000, found 1500; ' +
      'timeoutMs: expected a whole number from 1 to 60000, found 0',
  );
});
