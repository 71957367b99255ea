import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accept, makeClient, messagesTo, mockSqs, requestsTo } from './client.fixture.ts';
import { memoryFallbackStore } from './fallback/memory-store.ts';
import { ClientClosedError } from './index.ts';
import { virtualTime } from './virtual-time.fixture.ts';

const clock = virtualTime();
let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const refused = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });

/** A client that has stored so many messages because SQS was away; it is back now. */
async function afterOutage(messages: number) {
  sqs.on(SendMessageBatchCommand).rejects(refused);
  const store = memoryFallbackStore({ clock });
  const events: { kind: string }[] = [];
  const made = makeClient({
    clock,
    fallbackStore: store,
    retry: { maxAttempts: 1 },
    onEvent: (event) => void events.push(event),
  });
  for (let index = 0; index < messages; index++)
    await made.client.send({ key: 'k', id: `m-${index}`, payload: { index } });
  const { length } = requestsTo(sqs);
  sqs.resetHistory();
  sqs.on(SendMessageBatchCommand).callsFake(accept);
  return { ...made, store, events, requestsInOutage: length };
}

describe('replay', () => {
  it('takes what was stored to SQS once the breaker lets a probe through, as it was sent', async () => {
    const { client, events, heard, requestsInOutage } = await afterOutage(30);
    expect(requestsInOutage).toBe(5);

    expect(await client.replay()).toMatchObject({ replayed: 0, remaining: 30, ended: 'queue-unavailable' });
    await clock.advance(60_000);
    const result = await client.replay();

    expect(result).toEqual({ replayed: 30, failed: 0, dead: 0, remaining: 0, ended: 'drained' });
    const ids = messagesTo(sqs).map((parsed) => (parsed.kind === 'message' ? parsed.message.id : parsed));
    expect(ids).toHaveLength(30);
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 30 }, (_, index) => `m-${index}`)));
    expect(events.filter(({ kind }) => kind === 'replayed')).toHaveLength(30);
    expect(heard.measured.filter(({ name }) => name === 'MessagesReplayed')).toHaveLength(30);
    expect(await client.send({ key: 'k', payload: null })).toMatchObject({ outcome: 'queued' });
  });

  it('spends no attempt on messages that it claimed while somebody else probes a half-open breaker', async () => {
    const { client, store, events } = await afterOutage(30);
    await clock.advance(60_000);
    const probe = Promise.withResolvers<object>();
    sqs.on(SendMessageBatchCommand).callsFake(async (input) => probe.promise.then(() => accept(input)));
    const claim = store.claim.bind(store);
    let probing: Promise<unknown> | undefined;
    store.claim = async (request) => {
      // A message of the host gets ahead of the replay while the store answers.
      probing ??= client.send({ key: 'k', payload: null });
      await clock.advance(10);
      return await claim(request);
    };

    expect(await client.replay()).toMatchObject({ replayed: 0, failed: 0, ended: 'queue-unavailable' });
    probe.resolve({});
    await probing;
    store.claim = claim;

    expect(await client.replay()).toMatchObject({ replayed: 30, failed: 0, remaining: 0 });
    const replays = events.filter(({ kind }) => kind.startsWith('replay'));
    expect(replays).toHaveLength(30);
    expect(
      replays.every((event) => event.kind === 'replayed' && (event as { attempt?: number }).attempt === 1),
    ).toBe(true);
  });

  it('ends with the client, and what it had claimed is settled', async () => {
    const { client, store } = await afterOutage(500);
    await clock.advance(60_000);

    const replayed = client.replay();
    const closed = client.close();

    expect(await replayed).toMatchObject({ ended: 'aborted' });
    await closed;
    await expect(client.replay()).rejects.toThrow(ClientClosedError);
    const { pending } = await store.counts();
    expect(messagesTo(sqs)).toHaveLength(500 - pending);
  });

  it('needs a store, and a limit that is a number', async () => {
    const { client } = makeClient();

    await expect(client.replay()).rejects.toThrow(/fallbackStore: expected a FallbackStore/);
    expect(() => client.startReplay({ everyMs: 60_000 })).toThrow(/fallbackStore: expected a FallbackStore/);
    const withStore = makeClient({ fallbackStore: memoryFallbackStore() }).client;
    await expect(withStore.replay({ limit: 0 })).rejects.toThrow(/limit: expected a whole number/);
    expect(() => withStore.startReplay({ everyMs: 10 })).toThrow(/everyMs: expected a whole number/);
  });
});

describe('startReplay', () => {
  it('drains the store by itself, and stops with the client', async () => {
    const { client, store } = await afterOutage(30);

    client.startReplay({ everyMs: 10_000 });
    await clock.advance(59_999);
    expect((await store.counts()).pending).toBe(30);
    await clock.advance(10_000);

    expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
    await client.close();
  });

  it('does not keep the process alive', () => {
    const program = `
      import { createRateLimiterClient, memoryFallbackStore } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)};
      const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';
      createRateLimiterClient({ queueUrl, fallbackStore: memoryFallbackStore() }).startReplay({ everyMs: 3_600_000 });
    `;

    const { status, stderr } = spawnSync(
      process.execPath,
      ['--conditions=@huntaze/source', '--input-type=module', '--eval', program],
      { timeout: 30_000, encoding: 'utf8' },
    );

    expect([status, stderr]).toEqual([0, '']);
  });
});
