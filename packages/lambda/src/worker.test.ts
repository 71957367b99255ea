import { ReceiveMessageCommand, type DeleteMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
import { ConfigurationError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it, vi } from 'vitest';
import type { InvocationContext, SqsEvent } from './event.ts';
import type { Handler } from './handler.ts';
import { listen } from './testing/make-handler.ts';
import { listing, QUEUE_URL } from './testing/records.ts';
import { createWorker, type StopReport, type WorkerOptions, type WorkerSqsClient } from './worker.ts';

type Reply = readonly string[] | Error | 'silence';

/** A worker around a queue that answers receives as scripted, then has nothing; and what both did. */
function makeWorker({
  replies = [],
  refuseDelete = false,
  ...options
}: Partial<WorkerOptions> & { readonly replies?: readonly Reply[]; readonly refuseDelete?: boolean } = {}) {
  const clock = fakeClock();
  const script = [...replies];
  const receives: { readonly atMs: number; readonly input: ReceiveMessageCommand['input'] }[] = [];
  const deleted: string[] = [];
  const receive = async ({ input }: ReceiveMessageCommand) => {
    receives.push({ atMs: clock.monotonicMs(), input });
    const reply = script.shift();
    if (reply === 'silence') return await new Promise<never>(() => {});
    if (reply instanceof Error) throw reply;
    if (reply) return { Messages: reply.map(toMessage) };
    await clock.sleep((input.WaitTimeSeconds ?? 0) * 1_000);
    return {};
  };
  const remove = async ({ input: { Entries = [] } }: DeleteMessageBatchCommand) => {
    if (refuseDelete) throw Object.assign(new Error('no'), { name: 'RequestThrottled' });
    deleted.push(...Entries.map(({ ReceiptHandle = '' }) => ReceiptHandle));
    return { Successful: Entries.map(({ Id = '' }) => ({ Id })) };
  };
  const send = (command: ReceiveMessageCommand | DeleteMessageBatchCommand) =>
    command instanceof ReceiveMessageCommand ? receive(command) : remove(command);
  const heard = listen();
  const worker = createWorker({
    queueUrl: QUEUE_URL,
    handler: async () => listing(),
    sqs: { send: send as WorkerSqsClient['send'] },
    concurrency: 1,
    random: { next: () => 0 },
    clock,
    logger: heard.ports.logger,
    ...options,
  });
  /** Stops it, and lets the open poll end. */
  const stop = async () => {
    const reports: StopReport[] = [];
    void worker.stop().then((report) => reports.push(report));
    while (reports.length === 0) await clock.advance(20);
    return reports[0];
  };
  return { worker, stop, clock, receives, deleted, ...heard };
}

function toMessage(id: string): Message {
  return {
    MessageId: id,
    ReceiptHandle: `handle of ${id}`,
    Body: `body of ${id}`,
    Attributes: { SenderId: id },
  };
}

const eventually = (check: () => void) => vi.waitFor(check, { interval: 1 });
/** A handler that answers when it is told to. */
function slowHandler() {
  const open: (() => void)[] = [];
  const handler = vi.fn<Handler>(() => new Promise((resolve) => open.push(() => resolve(listing()))));
  return { handler, open };
}

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
  await clock.advance(1_000);
  await eventually(() => expect(deleted).toEqual(['handle of a']));
  await stop();

  expect(receives.map(({ atMs }) => atMs).slice(0, 2)).toEqual([0, 1_000]);
  expect(logs[0]).toEqual({
    level: 'error',
    fields: { failures: 1, error: 'OverLimit' },
    message: 'messages could not be received: the queue is asked later',
  });
});

describe('a worker that stops', () => {
  it('receives nothing more, finishes what is in hand and deletes it', async () => {
    const { handler, open } = slowHandler();
    const { worker, clock, receives, deleted } = makeWorker({ replies: [['a'], ['b']], handler });
    worker.start();
    await eventually(() => expect(open).toHaveLength(1));

    const stopped = worker.stop();
    await clock.advance(1_000);
    expect(deleted).toEqual([]);
    open[0]!();
    await clock.advance(20);

    expect(await stopped).toEqual({ leftMessages: 0 });
    expect(deleted).toEqual(['handle of a']);
    expect(receives).toHaveLength(1);
  });

  it('tells its handler how much time is left, and reports what did not finish in it', async () => {
    const { handler, open } = slowHandler();
    const { worker, clock, logs } = makeWorker({ replies: [['a', 'b']], handler });
    worker.start();
    await eventually(() => expect(open).toHaveLength(1));

    const stopped = worker.stop({ timeoutMs: 10_000 });
    await clock.advance(4_000);
    expect(handler.mock.calls[0]?.[1]?.getRemainingTimeInMillis()).toBe(6_000);
    await clock.advance(6_000);

    expect(await stopped).toEqual({ leftMessages: 2 });
    expect(logs.at(-1)).toEqual({
      level: 'warn',
      fields: { leftMessages: 2 },
      message: 'the worker stopped before all was finished',
    });
  });

  it('waits for its open poll, lest messages are sent to nobody', async () => {
    const { worker, clock, receives } = makeWorker();
    worker.start();
    await eventually(() => expect(receives).toHaveLength(1));
    let over = false;

    const stopped = worker.stop().then(() => (over = true));
    await clock.advance(4_980);
    expect(over).toBe(false);
    await clock.advance(40);

    await stopped;
    expect(over).toBe(true);
  });

  it('gives up a poll that is never answered', async () => {
    const { worker, stop, receives, logs } = makeWorker({ replies: ['silence'], timeoutMs: 1_000 });
    worker.start();
    await eventually(() => expect(receives).toHaveLength(1));

    expect(await stop()).toEqual({ leftMessages: 0 });

    expect(receives).toHaveLength(1);
    expect(logs[0]?.fields).toEqual({ failures: 1, error: 'TimeoutError' });
  });

  it('is stopped by its signal too, before or after its start, and for good', async () => {
    const controller = new AbortController();
    const { worker, stop, receives } = makeWorker({ signal: controller.signal });
    const early = makeWorker({ signal: AbortSignal.abort() });

    worker.start();
    await eventually(() => expect(receives).toHaveLength(1));
    controller.abort();
    await stop();
    worker.start();
    early.worker.start();
    await early.stop();

    expect(receives).toHaveLength(1);
    expect(early.receives).toEqual([]);
  });
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
    'queueUrl: expected the URL of a queue, found an empty string; ' +
      'handler: expected what createHandler gives, found a string; ' +
      'concurrency: expected a whole number from 1 to 100, found 0; ' +
      'pollWaitMs: expected whole seconds from 1000 to 20000, found 1500; ' +
      'timeoutMs: expected a whole number from 1 to 60000, found 0',
  );
});
