import { SendMessageBatchCommand, type SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { messages } from './batch.fixture.ts';
import { accept, makeClient, messagesTo, mockSqs, requestsTo } from './client.fixture.ts';
import { scriptedStore } from './fallback/store.fixture.ts';
import type { QueueUnavailableError } from './index.ts';
import { virtualTime } from './virtual-time.fixture.ts';

const clock = virtualTime();
const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const hang = () => new Promise<never>(() => {});
const message = { key: 'k', payload: null };

describe('send, while SQS fails', () => {
  it('repeats a request that failed as a whole', async () => {
    sqs.on(SendMessageBatchCommand).rejectsOnce(refused).rejectsOnce(refused).callsFake(accept);
    const { client } = makeClient({ clock });

    const sent = client.send(message);
    await clock.advance(550);

    expect(await sent).toEqual({ outcome: 'queued', messageId: 'id-1' });
    expect(requestsTo(sqs)).toHaveLength(3);
  });

  it('throws after three attempts, with the id to send the message again with', async () => {
    sqs.on(SendMessageBatchCommand).rejects(refused);
    const { client } = makeClient({ clock });

    const sent = client.send(message).catch((reason: unknown) => reason);
    await clock.advance(5_000);

    const error = (await sent) as QueueUnavailableError;
    expect(error).toMatchObject({ name: 'QueueUnavailableError', retryable: true, messageId: 'id-1' });
    expect(error.message).toContain('ECONNREFUSED');
    expect(messagesTo(sqs)).toMatchObject(Array.from({ length: 3 }, () => ({ message: { id: 'id-1' } })));
  });

  it('aborts a request that is not answered in time', async () => {
    const aborted: unknown[] = [];
    const send = (_: unknown, { abortSignal }: { abortSignal?: AbortSignal } = {}) => {
      abortSignal?.addEventListener('abort', () => aborted.push(abortSignal));
      return hang();
    };
    const { client } = makeClient({ clock, sqs: { send }, timeoutMs: 1_000, retry: { maxAttempts: 1 } });

    const sent = client.send(message).catch((reason: unknown) => reason);
    await clock.advance(1_000);

    expect(await sent).toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(aborted).toHaveLength(1);
  });

  it('makes no request for a minute once five in a row have failed, then probes with one', async () => {
    sqs.on(SendMessageBatchCommand).rejects(refused);
    const { client, heard } = makeClient({ clock, retry: { maxAttempts: 1 } });
    const events: unknown[] = [];
    const outcome = () => client.send(message).catch((error: Error) => error.message);

    for (let time = 0; time < 5; time++) await outcome();
    events.push(requestsTo(sqs).length, await outcome(), requestsTo(sqs).length);
    sqs.on(SendMessageBatchCommand).callsFake(accept);
    await clock.advance(60_000);

    expect(await outcome()).toMatchObject({ outcome: 'queued' });
    expect(events).toEqual([5, expect.stringContaining('breaker open'), 5]);
    expect(heard.measured).toContainEqual({ name: 'BreakerOpened', value: 1 });
    expect(heard.logs).toContainEqual(
      expect.objectContaining({ level: 'error', message: expect.stringContaining('breaker opened') }),
    );
  });
});

describe('send with a fallback store, while SQS fails', () => {
  it('stores a message that SQS does not confirm within 250 ms, as it would have been sent', async () => {
    let body: string | undefined;
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: SendMessageBatchCommandInput) => {
      body = Entries?.[0]?.MessageBody;
      return hang();
    });
    const { store, saved } = scriptedStore();
    const events: unknown[] = [];
    const { client, heard } = makeClient({
      clock,
      fallbackStore: store,
      onEvent: (event) => void events.push(event),
    });

    const sent = client.send({ ...message, id: 'welcome' });
    await clock.advance(250);

    expect(await sent).toEqual({
      outcome: 'stored',
      messageId: 'welcome',
      cause: expect.objectContaining({ code: 'QUEUE_UNAVAILABLE' }),
    });
    expect(saved).toMatchObject([[{ id: 'welcome', key: 'k', body, storedAtMs: clock.nowMs() }]]);
    expect(events).toMatchObject([{ kind: 'stored', key: 'k', messageId: 'welcome' }]);
    expect(heard.measured).toEqual([{ name: 'MessagesStored', value: 1 }]);
  });

  it('tells the store which ids were made for their messages, and which the host gave', async () => {
    sqs.on(SendMessageBatchCommand).rejects(refused);
    const { store, saved } = scriptedStore();
    const { client } = makeClient({ clock, fallbackStore: store, retry: { maxAttempts: 1 } });

    await client.send(message);
    await client.send({ ...message, id: 'welcome' });

    expect(saved).toMatchObject([[{ fresh: true }], [{ id: 'welcome', fresh: false }]]);
  });

  it('goes straight to the store while the breaker is open', async () => {
    sqs.on(SendMessageBatchCommand).rejects(refused);
    const { store, saved } = scriptedStore();
    const { client } = makeClient({ clock, fallbackStore: store, retry: { maxAttempts: 1 } });
    for (let time = 0; time < 5; time++) await client.send(message);

    const sent = await client.send(message);

    expect(sent).toMatchObject({
      outcome: 'stored',
      cause: { message: expect.stringContaining('breaker open') },
    });
    expect([requestsTo(sqs).length, saved.length]).toEqual([5, 6]);
  });

  it('stores what SQS refuses for reasons outside of the message, and throws what it will never take', async () => {
    const { store, saved } = scriptedStore();
    const { client } = makeClient({ clock, fallbackStore: store });
    sqs
      .on(SendMessageBatchCommand)
      .rejectsOnce({ name: 'AccessDenied' })
      .resolvesOnce({ Failed: [{ Id: '0', Code: 'InvalidMessageContents', SenderFault: true }] });

    const first = await client.send(message);
    const second = await client.send(message).catch((error: unknown) => error);

    expect(first).toMatchObject({ outcome: 'stored', cause: { code: 'QUEUE_REJECTED' } });
    expect(second).toMatchObject({ code: 'QUEUE_REJECTED' });
    expect(saved).toHaveLength(1);
  });

  it('does not wait for ever for a store that hangs', async () => {
    sqs.on(SendMessageBatchCommand).rejects({ name: 'AccessDenied' });
    const { store } = scriptedStore();
    const { client } = makeClient({ clock, fallbackStore: { ...store, save: hang } });

    const sent = client.send(message).catch((error: unknown) => error);
    await clock.advance(5_000);

    expect(await sent).toMatchObject({
      code: 'QUEUE_UNAVAILABLE',
      messageId: 'id-1',
      message: expect.stringContaining('the fallback store did not keep it either (TimeoutError)'),
    });
  });
});

describe('a batch, while SQS fails', () => {
  it('goes to the store ten messages at a time, in bounded memory, without a request once the breaker is open', async () => {
    sqs.on(SendMessageBatchCommand).rejects(refused);
    const { store, saved } = scriptedStore();
    const { client } = makeClient({ clock, fallbackStore: store });
    const outcomes = new Map<string, number>();
    let read = 0;
    let taken = 0;
    let ahead = 0;
    function* source() {
      for (const given of messages(5_000)) {
        read += 1;
        ahead = Math.max(ahead, read - taken);
        yield given;
      }
    }

    const finished = (async () => {
      for await (const { outcome } of client.batch(source())) {
        taken += 1;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    })();
    await clock.advance(1_000);
    await finished;

    expect([...outcomes]).toEqual([['stored', 5_000]]);
    expect(Math.max(...saved.map((chunk) => chunk.length))).toBe(10);
    expect(requestsTo(sqs).length).toBeLessThan(9);
    expect(ahead).toBeLessThanOrEqual(50);
  });
});

describe('close, while SQS fails', () => {
  it('waits until every message that was sent is queued, stored or refused', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(hang);
    const { store, saved } = scriptedStore();
    const { client } = makeClient({ clock, fallbackStore: store });

    const sent = Promise.all(messages(25).map((given) => client.send(given)));
    const closed = client.close();
    await clock.advance(1_000);
    await closed;

    expect((await sent).map(({ outcome }) => outcome)).toEqual(Array.from({ length: 25 }, () => 'stored'));
    expect(saved.flat()).toHaveLength(25);
  });
});
