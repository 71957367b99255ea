import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accept, makeClient, messagesTo, mockSqs, QUEUE_URL } from './client.fixture.ts';
import { fakeClock } from './testing/fake-clock.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

describe('what a client tells', () => {
  it('counts the messages that SQS accepted, and no others', async () => {
    sqs.on(SendMessageBatchCommand).callsFakeOnce(({ Entries }) => ({
      Successful: Entries.slice(1),
      Failed: [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }],
    }));
    const { client, heard } = makeClient();

    await client.batch([1, 2, 3].map((payload) => ({ key: 'k', payload })));

    expect(heard.measured).toEqual([{ name: 'MessagesQueued', value: 2 }]);
  });

  it('logs a line per request, and a warning when SQS did not take a message', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .resolvesOnce({ Failed: [{ Id: '0', Code: 'Bad', SenderFault: true }] })
      .callsFake(accept);
    const { client, heard } = makeClient();

    await client.send({ key: 'k', payload: null }).catch(() => {});
    await client.send({ key: 'k', payload: null });

    expect(heard.logs.map(({ level, message }) => [level, message])).toEqual([
      ['debug', 'SQS answered a request'],
      ['warn', 'SQS did not take every message of a request'],
      ['debug', 'SQS answered a request'],
    ]);
    expect(heard.logs[1]?.fields).toMatchObject({
      queueUrl: QUEUE_URL,
      messages: 1,
      errors: ['SQS refused the message (Bad)'],
    });
  });

  it('warns when SQS answers for messages that were not sent', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [{ Id: '0' }, { Id: '5' }] as never });
    const { client, heard } = makeClient();

    await client.send({ key: 'k', payload: null });

    expect(heard.logs.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'SQS answered for messages that were not sent', fields: { strangers: 1 } },
    ]);
  });

  it('ends the span of each message with its outcome', async () => {
    sqs.on(SendMessageBatchCommand).callsFakeOnce(accept).rejectsOnce({ name: 'AccessDenied' });
    const { client, heard } = makeClient();
    const outcomeOf = (key: string) => client.send({ key, payload: null }).catch((error: unknown) => error);

    const [refused, , rejected] = [await outcomeOf(''), await outcomeOf('k'), await outcomeOf('k')];

    expect(heard.spans).toEqual([
      { name: 'rate-limiter.send', error: refused, ended: true },
      { name: 'rate-limiter.send', error: undefined, ended: true },
      { name: 'rate-limiter.send', error: rejected, ended: true },
    ]);
  });

  it('stamps a message with whole milliseconds, which the handler requires', async () => {
    const { client } = makeClient({ clock: { ...fakeClock(), nowMs: () => 1_767_225_600_000.75 } });

    await client.send({ key: 'k', payload: null });

    expect(messagesTo(sqs)).toMatchObject([{ message: { enqueuedAtMs: 1_767_225_600_000 } }]);
  });

  it('leaves out a trace context that the handler would not read', async () => {
    const contexts = [
      { traceparent: '00-a-b-01', tracestate: 'x'.repeat(513) },
      { traceparent: 'x'.repeat(513), tracestate: 'vendor=1' },
      { traceparent: 7 as never },
    ];
    const tracer = { startSpan: () => ({ context: contexts.shift(), end: () => {} }) };
    const { client } = makeClient({ tracer });

    await client.batch([1, 2, 3].map((payload) => ({ key: 'k', payload })));

    const messages = messagesTo(sqs).map((parsed) => (parsed.kind === 'message' ? parsed.message : parsed));
    expect(messages).toMatchObject([{ traceparent: '00-a-b-01' }, {}, {}]);
    expect(messages.flatMap((message) => Object.keys(message)).filter((name) => /trace/.test(name))).toEqual([
      'traceparent',
    ]);
  });

  it.each([
    [
      'throw',
      () => {
        throw new Error('from a port');
      },
    ],
    ['reject', () => Promise.reject(new Error('from a port'))],
  ])('queues messages although every observing port should %s', async (_, broken) => {
    const { client } = makeClient({
      logger: { debug: broken, info: broken, warn: broken, error: broken },
      metrics: { record: broken },
      tracer: { startSpan: broken as never },
    });

    expect(await client.send({ key: 'k', payload: null })).toEqual({ outcome: 'queued', messageId: 'id-1' });
  });
});
