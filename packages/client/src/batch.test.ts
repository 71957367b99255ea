import { SendMessageBatchCommand, type SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerByHand, endless, idsOf, message, messages } from './batch.fixture.ts';
import { accept, FIFO_QUEUE_URL, makeClient, mockSqs, requestsTo } from './client.fixture.ts';

const KIB = 1_024;
let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const entriesPerRequest = () => requestsTo(sqs).map((entries) => entries.length);

describe('an awaited batch', () => {
  it('sends ten messages to a request and gives a result for each, in order', async () => {
    const { client } = makeClient();

    const results = await client.batch(messages(25));

    expect(entriesPerRequest()).toEqual([10, 10, 5]);
    expect(results).toEqual(messages(25).map(({ id }) => ({ outcome: 'queued', messageId: id })));
  });

  it('gives nothing for nothing', async () => {
    expect(await makeClient().client.batch([])).toEqual([]);
    expect(requestsTo(sqs)).toEqual([]);
  });

  it('keeps a request within 1 MiB', async () => {
    const { client } = makeClient();

    await client.batch(
      [300, 300, 300, 200, 900, 100].map((size) => ({ key: 'k', payload: 'a'.repeat(size * KIB) })),
    );

    expect(entriesPerRequest()).toEqual([3, 1, 2]);
  });

  it('gives results in the order of the messages, whatever the order of the answers', async () => {
    const waiting = answerByHand(sqs);
    const { client, clock } = makeClient();

    const run = client.batch(messages(30)).then(idsOf);
    await clock.advance(0);
    for (const answer of waiting.toReversed()) answer();

    expect(await run).toEqual(idsOf(messages(30).map(({ id }) => ({ outcome: 'queued', messageId: id }))));
  });

  it('lets no failure hide another or stop the rest', async () => {
    sqs.on(SendMessageBatchCommand).callsFake(({ Entries }: SendMessageBatchCommandInput) => ({
      Successful: Entries?.filter(({ Id }) => Id !== '1'),
      Failed: [{ Id: '1', Code: 'InvalidMessageContents', SenderFault: true }],
    }));
    const { client } = makeClient();

    const results = await client.batch([
      message('first'),
      { key: '', payload: null, id: 'no-key' },
      message('refused by SQS'.replaceAll(' ', '-')),
      { key: 'k', payload: null, id: 'bad id' },
      undefined as never,
      { ...message('mistyped'), prio: 'high' } as never,
      message('last'),
    ]);

    expect(results).toEqual([
      { outcome: 'queued', messageId: 'first' },
      { outcome: 'rejected', messageId: 'no-key', error: expect.objectContaining({ code: 'PAYLOAD' }) },
      {
        outcome: 'rejected',
        messageId: 'refused-by-SQS',
        error: expect.objectContaining({ code: 'QUEUE_REJECTED' }),
      },
      { outcome: 'rejected', messageId: undefined, error: expect.objectContaining({ code: 'PAYLOAD' }) },
      { outcome: 'rejected', messageId: 'id-1', error: expect.objectContaining({ code: 'PAYLOAD' }) },
      { outcome: 'rejected', messageId: 'mistyped', error: expect.objectContaining({ code: 'PAYLOAD' }) },
      { outcome: 'queued', messageId: 'last' },
    ]);
  });

  it('makes the failure of a request the failure of its own messages only', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .callsFakeOnce(accept)
      .rejectsOnce({ name: 'AccessDenied', $fault: 'client' })
      .callsFake(accept);
    const { client } = makeClient();

    const results = await client.batch(messages(30));

    expect(results.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 10 }, () => 'queued'),
      ...Array.from({ length: 10 }, () => 'rejected'),
      ...Array.from({ length: 10 }, () => 'queued'),
    ]);
  });

  it('sends nothing when no message of it is valid', async () => {
    const results = await makeClient().client.batch(
      messages(3).map(({ id }) => ({ id, key: '', payload: 1 })),
    );

    expect(results.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(requestsTo(sqs)).toEqual([]);
  });

  it('keeps the order of a FIFO queue: one request after the other', async () => {
    const waiting = answerByHand(sqs);
    const { client, clock } = makeClient({ queueUrl: FIFO_QUEUE_URL });

    const run = client.batch(messages(25));
    void run.then(() => {});
    for (const sent of [1, 2, 3]) {
      await clock.advance(0);
      expect(waiting).toHaveLength(sent);
      waiting.at(-1)?.();
    }

    expect(await run).toHaveLength(25);
  });

  it('rejects with what its source threw', async () => {
    const broken = new Error('no more');
    function* source() {
      yield message('m-0');
      throw broken;
    }

    await expect(makeClient().client.batch(source())).rejects.toBe(broken);
    expect(entriesPerRequest()).toEqual([1]);
  });

  it.each([[undefined], [null], [7], [{ key: 'k', payload: null }], ['text']])(
    'is refused for %s, which is no list of messages',
    (source) => {
      expect(() => makeClient().client.batch(source as never)).toThrow(TypeError);
    },
  );
});

describe('a run', () => {
  it('reads and sends nothing until it is awaited or iterated', async () => {
    const { client, clock } = makeClient();
    const source = endless();

    void client.batch(source.messages);
    await clock.advance(1_000);

    expect(source.progress.read).toBe(0);
    expect(requestsTo(sqs)).toEqual([]);
  });

  it('is a promise: then, catch, finally and Promise.all share one sending', async () => {
    const { client } = makeClient();
    const run = client.batch(messages(1));
    const finished = vi.fn();

    const [all, caught, done] = await Promise.all([
      run,
      run.catch(() => 'never'),
      run.finally(finished),
      run,
    ]);

    expect(all).toEqual([{ outcome: 'queued', messageId: 'm-0' }]);
    expect(caught).toBe(all);
    expect(done).toBe(all);
    expect(finished).toHaveBeenCalledTimes(1);
    expect(requestsTo(sqs)).toHaveLength(1);
    expect(Object.prototype.toString.call(run)).toBe('[object BatchRun]');
  });

  it('is consumed once: a second iteration, or one after an await, says so', async () => {
    const { client } = makeClient();
    const iterated = client.batch(messages(1));
    const awaited = client.batch(messages(1));
    for await (const _ of iterated);
    await awaited;

    expect(() => iterated[Symbol.asyncIterator]()).toThrow(/expected a batch run that nobody consumed/);
    expect(() => awaited[Symbol.asyncIterator]()).toThrow(TypeError);
    await expect(iterated).rejects.toThrow(TypeError);
  });
});
