import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { makeClient, messagesTo, mockSqs, requestsTo } from './client.fixture.ts';
import type { BypassError, Message } from './index.ts';
import { virtualTime } from './virtual-time.fixture.ts';

const clock = virtualTime();
let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const accounts = Array.from({ length: 200 }, (_, index) => ({ key: `account-${index}`, payload: { index } }));

/** Remembers what goes past the queue. */
function makeBypass() {
  const sent: Message[] = [];
  return { sent, bypass: async (message: Message) => void sent.push(message) };
}

describe('the flag', () => {
  it('sends every message directly while it is off, and says so', async () => {
    const { sent, bypass } = makeBypass();
    const { client, heard } = makeClient({ clock, enabled: false, bypass });

    const result = await client.send({ key: 'k', payload: { a: 1 }, priority: 'high' });

    expect(result).toEqual({ outcome: 'bypassed', messageId: 'id-1' });
    expect(sent).toMatchObject([{ id: 'id-1', key: 'k', priority: 'high', payload: { a: 1 } }]);
    expect(requestsTo(sqs)).toEqual([]);
    expect(heard.measured).toEqual([{ name: 'MessagesBypassed', value: 1 }]);
    expect(heard.spans).toMatchObject([{ ended: true, error: undefined }]);
  });

  it('is followed while the process runs', async () => {
    let enabled = true;
    const { sent, bypass } = makeBypass();
    const { client } = makeClient({ clock, enabled: () => enabled, bypass });
    const outcome = async () => (await client.send({ key: 'k', payload: null })).outcome;

    const before = await outcome();
    enabled = false;
    await clock.advance(5_000);

    expect([before, await outcome(), sent.length]).toEqual(['queued', 'bypassed', 1]);
  });

  it('means the queue while nobody can say: there no message is lost', async () => {
    const { bypass } = makeBypass();
    const hang = () => new Promise<never>(() => {});
    const { client, heard } = makeClient({ clock, enabled: hang, bypass });

    const sent = client.send({ key: 'k', payload: null });
    await clock.advance(1_000);

    expect(await sent).toMatchObject({ outcome: 'queued' });
    expect(heard.logs[0]).toMatchObject({
      level: 'warn',
      fields: { setting: 'enabled', problem: expect.any(String) },
    });
  });
});

describe('the rollout', () => {
  const bypassedAt = async (rolloutPercent: number) => {
    const { sent, bypass } = makeBypass();
    const { client } = makeClient({ clock, rolloutPercent, bypass });
    const results = await client.batch(accounts);
    expect(results.map(({ outcome }) => outcome).filter((outcome) => outcome === 'bypassed')).toHaveLength(
      sent.length,
    );
    return new Set(sent.map(({ key }) => key));
  };

  it('queues the messages of a share of the keys, and sends those of the others directly', async () => {
    const bypassed = await bypassedAt(50);

    const queued = messagesTo(sqs).flatMap((parsed) =>
      parsed.kind === 'message' ? [parsed.message.key] : [],
    );
    expect(queued.length + bypassed.size).toBe(200);
    expect(queued.filter((key) => bypassed.has(key))).toEqual([]);
    expect(Math.abs(queued.length - 100)).toBeLessThan(25);
  });

  it('from 10 to 50 percent moves no key back to the direct way', async () => {
    const [at10, at50] = [await bypassedAt(10), await bypassedAt(50)];

    expect(at50.size).toBeLessThan(at10.size);
    expect([...at50].filter((key) => !at10.has(key))).toEqual([]);
  });

  it('at 0 percent is the rollback: nothing is queued', async () => {
    expect((await bypassedAt(0)).size).toBe(200);
    expect(requestsTo(sqs)).toEqual([]);
  });
});

describe('the bypass', () => {
  it('gets the payload as deliver would: through the schema', async () => {
    const payload = z.object({
      n: z.pipe(
        z.string(),
        z.transform((text: string) => text.length),
      ),
    });
    const got: unknown[] = [];
    const { client } = makeClient({
      payload,
      enabled: false,
      bypass: (message) => void got.push(message.payload),
    });

    await client.send({ key: 'k', payload: { n: 'four' } });

    expect(got).toEqual([{ n: 4 }]);
  });

  it('gets no message that is refused', async () => {
    const { sent, bypass } = makeBypass();
    const { client } = makeClient({ enabled: false, bypass });

    await expect(client.send({ key: '', payload: null })).rejects.toThrow(/key: expected/);
    expect(sent).toEqual([]);
  });

  it('may throw: send does too, with the reason as the cause and without its words', async () => {
    const cause = new Error('secret content');
    const { client } = makeClient({ enabled: false, bypass: () => Promise.reject(cause) });

    const error = await client.send({ key: 'k', payload: null }).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ name: 'BypassError', retryable: false, messageId: 'id-1', cause });
    expect((error as BypassError).message).not.toContain('secret');
  });

  it('stops no other message of a batch when it throws', async () => {
    const { client } = makeClient({
      enabled: false,
      bypass({ id }) {
        if (id === 'b') throw new Error('no');
      },
    });

    const results = await client.batch(['a', 'b', 'c'].map((id) => ({ key: 'k', payload: null, id })));

    expect(results.map(({ outcome, messageId }) => [messageId, outcome])).toEqual([
      ['a', 'bypassed'],
      ['b', 'rejected'],
      ['c', 'bypassed'],
    ]);
  });

  it.each([
    [{ enabled: false }],
    [{ enabled: () => true }],
    [{ rolloutPercent: 50 }],
    [{ rolloutPercent: () => 100 }],
  ])('is required for %o, so that no message has nowhere to go', (options) => {
    expect(() => makeClient(options)).toThrow(/^bypass: expected a function/);
  });
});
