import { PermanentError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { makeHandler, type HandlerOverrides } from '../src/testing/make-handler.ts';
import { listing, message, record, sqsEvent, QUEUE_URL } from '../src/testing/records.ts';
import type { PayloadSchema } from '@huntaze/rate-limiter-client/contract';

/** A handler with a limiter that remembers, and an upstream that can be mended. */
function brokenUpstream(overrides: HandlerOverrides<PayloadSchema> = {}) {
  const clock = fakeClock();
  const limiter = memoryLimiter({ clock });
  const upstream = { error: new PermanentError('refused') as Error | undefined };
  const made = makeHandler({
    clock,
    limiter,
    ...overrides,
    deliver: async () => {
      if (upstream.error) throw upstream.error;
    },
  });
  /** Moves the latest letter back as SQS's redrive does: the same body, another id of SQS. */
  const redrive = (messageId: string) =>
    sqsEvent(record({ messageId, body: made.sqs.deadLetters.at(-1)!.body }));
  return { ...made, limiter, upstream, redrive };
}

describe('a dead letter that is moved back to its queue', () => {
  it('is delivered, while late copies of its first life stay duplicates', async () => {
    const { handler, calls, upstream, redrive, logs } = brokenUpstream();
    const original = record();
    await handler(sqsEvent(original));
    upstream.error = undefined;

    expect(await handler(redrive('sqs-2'))).toEqual(listing());
    expect(await handler(sqsEvent({ ...original, receiptHandle: 'late' }))).toEqual(listing());
    expect(await handler(redrive('sqs-3'))).toEqual(listing());

    expect(calls.map(({ id, attempt }) => [id, attempt])).toEqual([
      ['m-1', 1],
      ['m-1', 1],
    ]);
    expect(logs.slice(-2).map(({ fields }) => fields)).toEqual([
      { received: 1, duplicate: 1 },
      { received: 1, duplicate: 1 },
    ]);
  });

  it('has attempts from the start, and may die and come back again', async () => {
    const { handler, calls, upstream, redrive, limiter, sqs } = brokenUpstream({ maxAttempts: 1 });
    upstream.error = new Error('503');
    await handler(sqsEvent(record()));
    await handler(redrive('sqs-2'));
    upstream.error = undefined;
    await handler(redrive('sqs-3'));

    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
    expect(sqs.deadLetters.map(({ attributes }) => attributes)).toMatchObject([
      { messageId: 'm-1', attempts: '1' },
      { messageId: 'm-1', attempts: '1' },
    ]);
    const found = await Promise.all(
      [1, 2, 3].map((life) => limiter.find('account-1', 'm-1', { queueUrl: QUEUE_URL, life })),
    );
    expect(found.map(({ state }) => state)).toEqual(['dead', 'dead', 'delivered']);
  });

  it('in one batch with a late copy of the first life is not taken for it', async () => {
    const { handler, calls, upstream, redrive } = brokenUpstream();
    const original = record();
    await handler(sqsEvent(original));
    upstream.error = undefined;

    await handler(sqsEvent({ ...original, messageId: 'late' }, ...redrive('sqs-2').Records));

    expect(calls).toHaveLength(2);
  });

  it('near 1 MiB is delivered too', async () => {
    const { handler, calls, upstream, redrive, sqs, measured } = brokenUpstream();
    const { body } = record({ message: { payload: '' } });
    const large = record({ message: { payload: 'x'.repeat(1_048_576 - Buffer.byteLength(body)) } });
    expect(Buffer.byteLength(large.body)).toBe(1_048_576);
    await handler(sqsEvent(large));
    upstream.error = undefined;

    await handler(redrive('sqs-2'));

    expect(Buffer.byteLength(sqs.deadLetters[0]!.body)).toBeLessThanOrEqual(1_048_576);
    expect(calls).toHaveLength(2);
    expect(measured.filter(({ name }) => name === 'QueueLatency')).toEqual([
      { name: 'QueueLatency', value: 1_000 },
    ]);
  });

  it('that nobody could read is read again, byte for byte as it was', async () => {
    const refusing: { schema: PayloadSchema } = {
      schema: {
        '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'no' }] }) },
      },
    };
    const schema: PayloadSchema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => refusing.schema['~standard'].validate(value),
      },
    };
    const { handler, calls, upstream, redrive, sqs } = brokenUpstream({ payload: schema });
    upstream.error = undefined;
    const original = record();
    await handler(sqsEvent(original));
    expect(sqs.deadLetters[0]?.body).toBe(original.body);
    refusing.schema = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

    await handler(redrive('sqs-2'));

    expect(calls).toHaveLength(1);
  });

  it('made by SQS itself goes on where it was', async () => {
    const { handler, calls, upstream, clock } = brokenUpstream();
    upstream.error = new Error('503');
    const original = record();
    await handler(sqsEvent(original));
    await clock.advance(60_000);
    upstream.error = undefined;

    await handler(sqsEvent(record({ messageId: 'sqs-2', body: original.body })));

    expect(calls.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });
});

it('an original body that somebody sends again is a duplicate of the dead message', async () => {
  const { handler, calls, upstream } = brokenUpstream();
  await handler(sqsEvent(record()));
  upstream.error = undefined;

  expect(await handler(sqsEvent(record({ messageId: 'sqs-2', message: message() })))).toEqual(listing());
  expect(calls).toHaveLength(1);
});
