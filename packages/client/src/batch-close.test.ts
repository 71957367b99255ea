import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerByHand, endless, messages } from './batch.fixture.ts';
import { makeClient, mockSqs, requestsTo } from './client.fixture.ts';
import { ClientClosedError } from './index.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

/** A source that gives so many messages and then waits for ever; it notices when it is left. */
function stalling(count: number) {
  const list = messages(count).values();
  const left = vi.fn(async () => ({ done: true, value: undefined }) as const);
  const next = async () => {
    const given = list.next();
    return given.done ? await new Promise<never>(() => {}) : given;
  };
  return { left, messages: { [Symbol.asyncIterator]: () => ({ next, return: left }) } };
}

describe('close during a batch', () => {
  it('delivers the results of what is under way, then ends the run: the rest was not sent', async () => {
    const { client, clock } = makeClient();
    const source = endless();
    const waiting = answerByHand(sqs);
    const taken: unknown[] = [];
    const finished = (async () => {
      for await (const { messageId } of client.batch(source.messages)) taken.push(messageId);
    })();
    await clock.advance(0);

    const closed = client.close();
    for (const answer of waiting) answer();
    await closed;

    await expect(finished).rejects.toThrow(ClientClosedError);
    expect(taken).toEqual(messages(40).map(({ id }) => id));
    expect(requestsTo(sqs)).toHaveLength(4);
    expect(source.progress.left).toBe(true);
  });

  it('ends a run whose source never gives anything again, after the results of what it gave', async () => {
    const { client, clock } = makeClient();
    const source = stalling(3);
    const taken: unknown[] = [];
    const finished = (async () => {
      for await (const { messageId } of client.batch(source.messages)) taken.push(messageId);
    })();
    finished.catch(() => {});
    await clock.advance(20);
    expect(taken).toHaveLength(3);

    await client.close();

    await expect(finished).rejects.toThrow(ClientClosedError);
    expect(source.left).toHaveBeenCalledTimes(1);
  });

  it('ends an awaited run whose source has given nothing yet', async () => {
    const { client, clock } = makeClient();
    const source = stalling(0);
    const finished = client.batch(source.messages).then((results) => results.length);
    finished.catch(() => {});
    await clock.advance(0);

    await client.close();

    await expect(finished).rejects.toThrow(ClientClosedError);
    expect(source.left).toHaveBeenCalledTimes(1);
  });

  it('leaves the source at once, though nobody takes the results', async () => {
    const { client, clock } = makeClient();
    const source = stalling(3);
    const results = client.batch(source.messages)[Symbol.asyncIterator]();
    await Promise.all([results.next(), clock.advance(20)]);

    await client.close();

    expect(source.left).toHaveBeenCalledTimes(1);
    expect(await results.next()).toMatchObject({ value: { messageId: 'm-1' } });
    expect(await results.next()).toMatchObject({ value: { messageId: 'm-2' } });
    await expect(results.next()).rejects.toThrow(ClientClosedError);
  });

  it('has nothing to do with a source that has ended', async () => {
    const { client } = makeClient();
    const left = vi.fn();
    const list = messages(3).values();
    const source = { [Symbol.iterator]: () => ({ next: () => list.next(), return: left }) };

    expect(await client.batch(source)).toHaveLength(3);
    await client.close();

    expect(left).not.toHaveBeenCalled();
  });
});
