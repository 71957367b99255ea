import { GetQueueAttributesCommand, SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_LETTER_QUEUE_URL, makeClient, mockSqs, QUEUE_URL } from './client.fixture.ts';
import { memoryFallbackStore } from './fallback/memory-store.ts';
import { virtualTime } from './virtual-time.fixture.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const attributes = (waiting: unknown, hidden: unknown, delayed: unknown) => ({
  Attributes: {
    ApproximateNumberOfMessages: waiting as string,
    ApproximateNumberOfMessagesNotVisible: hidden as string,
    ApproximateNumberOfMessagesDelayed: delayed as string,
  },
});
const bothQueues = { deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL };
const down = Object.assign(new Error('no'), { name: 'AccessDenied' });

describe('status', () => {
  it('counts both queues', async () => {
    sqs
      .on(GetQueueAttributesCommand, { QueueUrl: QUEUE_URL })
      .resolves(attributes('12', '3', '0'))
      .on(GetQueueAttributesCommand, { QueueUrl: DEAD_LETTER_QUEUE_URL })
      .resolves(attributes('1', '0', '0'));
    const { client, clock } = makeClient(bothQueues);

    expect(await client.status()).toEqual({
      queue: { waiting: 12, hidden: 3, delayed: 0 },
      deadLetters: { waiting: 1, hidden: 0, delayed: 0 },
      breaker: 'closed',
      fallback: null,
      enabled: true,
      rolloutPercent: 100,
      checkedAtMs: clock.nowMs(),
    });
  });

  it('says that it knows of no dead-letter queue', async () => {
    sqs.on(GetQueueAttributesCommand).resolves(attributes('0', '0', '0'));

    expect((await makeClient().client.status()).deadLetters).toBeNull();
    expect(sqs.commandCalls(GetQueueAttributesCommand)).toHaveLength(1);
  });

  it('gives the part that can be read when the other cannot, and warns', async () => {
    sqs
      .on(GetQueueAttributesCommand, { QueueUrl: QUEUE_URL })
      .rejects(down)
      .on(GetQueueAttributesCommand, { QueueUrl: DEAD_LETTER_QUEUE_URL })
      .resolves(attributes('1', '0', '0'));
    const { client, heard } = makeClient(bothQueues);

    expect(await client.status()).toMatchObject({
      queue: { unavailable: 'AccessDenied: grant sqs:SendMessage and sqs:GetQueueAttributes on the queue' },
      deadLetters: { waiting: 1 },
    });
    expect(heard.logs).toMatchObject([{ level: 'warn', fields: { queueUrl: QUEUE_URL } }]);
  });

  it('does not throw when nothing answers', async () => {
    sqs.on(GetQueueAttributesCommand).rejects(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));

    expect(await makeClient(bothQueues).client.status()).toMatchObject({
      queue: { unavailable: 'ENOTFOUND: the network or SQS did not answer' },
      deadLetters: { unavailable: 'ENOTFOUND: the network or SQS did not answer' },
    });
  });

  it('asks both queues at the same time', async () => {
    const asked: unknown[] = [];
    sqs.on(GetQueueAttributesCommand).callsFake(({ QueueUrl }) => {
      asked.push(QueueUrl);
      return new Promise(() => {});
    });
    const { client, clock } = makeClient(bothQueues);

    void client.status();
    await clock.advance(0);

    expect(asked).toEqual([QUEUE_URL, DEAD_LETTER_QUEUE_URL]);
  });

  it.each([
    ['a count is missing', attributes('1', undefined, '0')],
    ['a count is no number', attributes('many', '0', '0')],
    ['a count is empty', attributes('', '0', '0')],
    ['there are no attributes', {}],
    ['there is no answer', undefined],
  ])('calls a queue unavailable when %s', async (_, answer) => {
    sqs.on(GetQueueAttributesCommand).callsFake(() => answer);

    expect((await makeClient().client.status()).queue).toEqual({
      unavailable: 'expected three counts from GetQueueAttributes, found others missing',
    });
  });
});

describe('the other parts of a status', () => {
  const time = virtualTime();

  it('are the breaker, what the fallback store holds, flag and rollout', async () => {
    sqs.on(GetQueueAttributesCommand).resolves(attributes('0', '0', '0'));
    sqs.on(SendMessageBatchCommand).rejects(down);
    const fallbackStore = memoryFallbackStore();
    const { client } = makeClient({
      clock: time,
      fallbackStore,
      enabled: async () => true,
      rolloutPercent: 50,
      bypass: () => {},
    });
    await client.send({ key: 'account-1', payload: null });

    expect(await client.status()).toMatchObject({
      breaker: 'closed',
      fallback: { pending: 1, dead: 0 },
      enabled: true,
      rolloutPercent: 50,
    });
  });

  it('tell why they cannot be read, one by one', async () => {
    sqs.on(GetQueueAttributesCommand).resolves(attributes('1', '0', '0'));
    const broken = () => Promise.reject(Object.assign(new Error('secret content'), { code: 'ECONNREFUSED' }));
    const { client } = makeClient({
      clock: time,
      fallbackStore: { ...memoryFallbackStore(), counts: broken },
      enabled: broken,
      rolloutPercent: () => 250,
      bypass: () => {},
    });

    const status = await client.status();

    expect(status).toMatchObject({
      queue: { waiting: 1 },
      fallback: { unavailable: 'ECONNREFUSED Error' },
      enabled: { unavailable: 'Error' },
      rolloutPercent: { unavailable: 'expected a number from 0 to 100, found 250' },
    });
    expect(JSON.stringify(status)).not.toContain('secret');
  });

  it('do not wait for ever for anything', async () => {
    const hang = () => new Promise<never>(() => {});
    sqs.on(GetQueueAttributesCommand).callsFake(hang);
    const { client } = makeClient({
      ...bothQueues,
      clock: time,
      timeoutMs: 2_000,
      fallbackStore: { ...memoryFallbackStore(), counts: hang },
      enabled: hang,
      rolloutPercent: hang,
      bypass: () => {},
    });

    const status = client.status();
    await time.advance(5_000);

    expect(await status).toMatchObject({
      queue: { unavailable: 'TimeoutError: the network or SQS did not answer' },
      deadLetters: { unavailable: 'TimeoutError: the network or SQS did not answer' },
      fallback: { unavailable: 'TimeoutError' },
      enabled: { unavailable: expect.any(String) },
      rolloutPercent: { unavailable: expect.any(String) },
    });
  });

  it('are read once a second at most, however many ask', async () => {
    sqs.on(GetQueueAttributesCommand).resolves(attributes('1', '0', '0'));
    const { client } = makeClient({ clock: time });
    const asked = () => sqs.commandCalls(GetQueueAttributesCommand).length;

    await Promise.all(Array.from({ length: 50 }, () => client.status()));
    await time.advance(999);
    await client.status();
    expect(asked()).toBe(1);
    await time.advance(1);
    await client.status();

    expect(asked()).toBe(2);
  });

  it('show the breaker as it is, also where the rest was read before', async () => {
    sqs.on(GetQueueAttributesCommand).resolves(attributes('1', '0', '0'));
    sqs.on(SendMessageBatchCommand).rejects({ name: 'InternalError' });
    const { client } = makeClient({ clock: time, breaker: { failureThreshold: 1 } });
    const breaker = async () => (await client.status()).breaker;

    const before = await breaker();
    await client.send({ key: 'k', payload: null }).catch(() => {});
    const open = await breaker();
    await time.advance(60_000);

    expect([before, open, await breaker()]).toEqual(['closed', 'open', 'half-open']);
  });
});
