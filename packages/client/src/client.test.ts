import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { FIFO_QUEUE_URL, makeClient, messagesTo, mockSqs, QUEUE_URL, requestsTo } from './client.fixture.ts';
import { createRateLimiterClient } from './client.ts';
import { isPayloadError, isQueueRejectedError } from './index.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

describe('send', () => {
  it('queues a message with its key as group, and tells its id', async () => {
    const { client, clock } = makeClient();

    const result = await client.send({ key: 'account-1', payload: { text: 'hello' } });

    expect(result).toEqual({ outcome: 'queued', messageId: 'id-1' });
    expect(requestsTo(sqs)).toEqual([
      [{ Id: '0', MessageGroupId: 'account-1', MessageBody: expect.any(String) }],
    ]);
    expect(messagesTo(sqs)).toEqual([
      {
        kind: 'message',
        message: {
          id: 'id-1',
          key: 'account-1',
          priority: 'medium',
          payload: { text: 'hello' },
          enqueuedAtMs: clock.nowMs(),
          traceparent: '00-trace-span1-01',
        },
      },
    ]);
  });

  it('names no group to a standard queue that refuses it, and always one to a FIFO queue', async () => {
    const message = { key: 'k', payload: null };
    await makeClient({ fairQueue: false }).client.send(message);
    await makeClient({ fairQueue: false, queueUrl: FIFO_QUEUE_URL }).client.send(message);

    const [plain, fifo] = requestsTo(sqs).flatMap((entries) => entries ?? []);
    expect(plain).not.toHaveProperty('MessageGroupId');
    expect(fifo).toMatchObject({ MessageGroupId: 'k' });
  });

  it('keeps the id and the priority that the host chose', async () => {
    const { client } = makeClient();

    const result = await client.send({ key: 'k', payload: null, id: 'welcome', priority: 'high' });

    expect(result).toEqual({ outcome: 'queued', messageId: 'welcome' });
    expect(messagesTo(sqs)).toMatchObject([{ message: { id: 'welcome', priority: 'high' } }]);
  });

  it('gives a message without an id a version 4 UUID', async () => {
    const client = createRateLimiterClient({ queueUrl: QUEUE_URL });

    const { messageId } = await client.send({ key: 'k', payload: null });

    expect(messageId).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it('lets a FIFO queue recognise a message by its key and id together', async () => {
    const { client } = makeClient({ queueUrl: FIFO_QUEUE_URL });

    await client.send({ key: 'k', payload: 1, id: 'once' });
    await client.send({ key: 'k', payload: 2, id: 'once' });
    await client.send({ key: 'other', payload: 3, id: 'once' });

    const [first, again, other] = requestsTo(sqs).flatMap((entries) => entries ?? []);
    expect(first).toMatchObject({
      MessageGroupId: 'k',
      MessageDeduplicationId: expect.stringMatching(/^[\da-f]{64}$/),
    });
    expect(again?.MessageDeduplicationId).toBe(first?.MessageDeduplicationId);
    expect(other?.MessageDeduplicationId).not.toBe(first?.MessageDeduplicationId);
  });

  it('sends the payload as given, for the handler to run the schema again', async () => {
    const doubled = z.object({
      n: z.pipe(
        z.number(),
        z.transform((n: number) => n * 2),
      ),
    });
    const { client } = makeClient({ payload: doubled });

    await client.send({ key: 'k', payload: { n: 1 } });

    expect(messagesTo(sqs)).toMatchObject([{ message: { payload: { n: 1 } } }]);
  });

  it('reads the payload before it returns', async () => {
    const { client } = makeClient();
    const payload = { text: 'before' };

    const sent = client.send({ key: 'k', payload });
    payload.text = 'after';
    await sent;

    expect(messagesTo(sqs)).toMatchObject([{ message: { payload: { text: 'before' } } }]);
  });

  it('throws a QueueRejectedError when SQS refuses for good', async () => {
    sqs.on(SendMessageBatchCommand).resolves({
      Failed: [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }],
    });
    const { client } = makeClient();

    const error = await client.send({ key: 'k', payload: null }).catch((reason: unknown) => reason);

    expect(isQueueRejectedError(error)).toBe(true);
    expect(error).toMatchObject({
      retryable: false,
      message: expect.stringContaining('InvalidMessageContents'),
    });
    expect(requestsTo(sqs)).toHaveLength(1);
  });
});

describe('what send refuses', () => {
  const refusalOf = async (message: unknown, payload?: z.ZodMiniType, schemaMessages = false) => {
    const { client } = makeClient({ schemaMessages, ...(payload && { payload }) });
    const error = await client.send(message as never).catch((reason: unknown) => reason);
    expect(requestsTo(sqs)).toEqual([]);
    if (!isPayloadError(error)) throw error;
    return error;
  };

  it('names every problem of a message in one error', async () => {
    const schema = z.object({ a: z.string('expected text'), b: z.number('expected a number') });

    const message = { key: '', id: 'a b', priority: 'urgent', payload: {} };
    const { problems } = await refusalOf(message, schema, true);

    expect(problems).toEqual(
      [
        { path: 'key', message: '1 to 128 printable ASCII characters without spaces, found an empty string' },
        { path: 'id', message: '1 to 128 printable ASCII characters without spaces, found other characters' },
        { path: 'priority', message: 'one of high, medium, low, found another string' },
        { path: 'payload.a', message: 'text' },
        { path: 'payload.b', message: 'a number' },
      ].map((problem) => ({ ...problem, message: `expected ${problem.message}` })),
    );
  });

  it.each([
    ['a Date', { at: new Date(0) }, 'payload[0]: expected JSON data, found a Date'],
    ['undefined', undefined, 'payload: expected JSON data, found undefined'],
    ['NaN', [1, Number.NaN], 'payload[1]: expected JSON data, found a number that is not finite'],
    ['a bigint', 1n, 'payload: expected JSON data, found a bigint'],
  ])('refuses %s, which JSON cannot say', async (_, payload, message) => {
    expect(await refusalOf({ key: 'k', payload })).toMatchObject({
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ['prio', ': did you mean priority?'],
    ['Priority', ': did you mean priority?'],
    ['messageId', ': did you mean id?'],
    ['account', ''],
    ['q'.repeat(101), ''],
  ])('refuses a field that no message has, such as %s, without repeating its name', async (name, hint) => {
    const { message, problems } = await refusalOf({ key: 'k', payload: 'secret', [name]: 'secret' });

    const refused = `expected only key, payload, priority, id, found another field${hint}`;
    expect(problems).toEqual([{ path: 'message[2]', message: refused }]);
    expect(message).toBe(`message[2]: ${refused}`);
  });

  it('tells of twenty fields that no message has, and no more', async () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`field${index}`, 1]));

    const { problems } = await refusalOf({ ...many, key: 'k', payload: null });

    expect(problems.map(({ path }) => path)).toEqual(
      Array.from({ length: 20 }, (_, index) => `message[${index}]`),
    );
  });

  it.each([[undefined], [null], ['text'], [7]])('refuses %s in place of a message', async (message) => {
    const { problems } = await refusalOf(message);

    expect(problems.map(({ path }) => path)).toEqual(['key', 'payload']);
  });

  it.each([true, false])(
    'tells what a schema or a getter throws where that is wanted: %s',
    async (wanted) => {
      const cause = new Error('SECRET');
      const payload = {
        get broken(): string {
          throw cause;
        },
      };

      const schema = z.string().check(
        z.refine(() => {
          throw cause;
        }),
      );

      const refusals = [
        await refusalOf({ key: 'k', payload }, undefined, wanted),
        await refusalOf({ key: 'k', payload: 'x' }, schema, wanted),
      ];

      for (const refusal of refusals) {
        expect(refusal.cause).toBe(wanted ? cause : undefined);
        expect(refusal.problems[0]?.message).toContain(
          'expected data that can be checked, found that reading it throws',
        );
      }
    },
  );

  it('refuses a message of 1 MiB and one byte, and sends one of 1 MiB, counted in UTF-8', async () => {
    const { client } = makeClient();
    await client.send({ key: 'k', payload: '', id: 'x' });
    const empty = Buffer.byteLength(requestsTo(sqs)[0]?.[0]?.MessageBody ?? '');
    const room = 1_048_576 - empty - '€'.length * 3;
    sqs.resetHistory();

    const { problems } = await refusalOf({ key: 'k', payload: `€${'a'.repeat(room + 1)}`, id: 'x' });
    const result = await client.send({ key: 'k', payload: `€${'a'.repeat(room)}`, id: 'x' });

    expect(problems).toEqual([
      {
        path: 'payload',
        message:
          'expected a message of at most 1048576 bytes (1 MiB), found 1048577: store large content elsewhere and send its address',
      },
    ]);
    expect(result).toEqual({ outcome: 'queued', messageId: 'x' });
  });
});
