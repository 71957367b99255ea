import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerByHand, endless, idsOf, message, messages } from './batch.fixture.ts';
import { accept, makeClient, mockSqs, requestsTo } from './client.fixture.ts';
import type { NewMessage } from './index.ts';

let sqs: ReturnType<typeof mockSqs>;

beforeEach(() => {
  sqs = mockSqs();
});
afterEach(() => {
  sqs.restore();
});

const entriesPerRequest = () => requestsTo(sqs).map((entries) => entries.length);

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('an iterated batch', () => {
  it('gives results in input order for any source and any order of answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 0, max: 75 }),
        fc.boolean(),
        async (s, count, lazy) => {
          sqs.reset();
          sqs.on(SendMessageBatchCommand).callsFake((input) => s.schedule(Promise.resolve(accept(input))));
          const { client } = makeClient();
          async function* stream() {
            for (const given of messages(count)) yield await s.schedule(Promise.resolve(given));
          }

          const results = await s.waitFor(collect(client.batch(lazy ? stream() : messages(count))));

          expect(idsOf(results)).toEqual(messages(count).map(({ id }) => id));
          expect(requestsTo(sqs).flat()).toHaveLength(count);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads no further than four requests ahead of the results that were taken', async () => {
    const { client, clock } = makeClient();
    const source = endless();
    const results = client.batch(source.messages)[Symbol.asyncIterator]();

    const readAfter: number[] = [];
    for (let taken = 1; taken <= 31; taken++) {
      await results.next();
      await clock.advance(0);
      if (taken % 10 === 1) readAfter.push(source.progress.read);
    }

    expect(Math.max(...readAfter.map((read, index) => read - index * 10))).toBeLessThanOrEqual(40);
    expect(readAfter.at(-1)).toBeGreaterThan(31);
  });

  it('keeps four requests under way, or as many as the host says', async () => {
    for (const [batchConcurrency, expected] of [
      [undefined, 4],
      [2, 2],
    ] as const) {
      const waiting = answerByHand(sqs);
      const { client, clock } = makeClient({ batchConcurrency });
      const source = endless();

      const results = client.batch(source.messages)[Symbol.asyncIterator]();
      void results.next();
      await clock.advance(1_000);

      expect(waiting).toHaveLength(expected);
      // The next request is packed while those are under way.
      expect(source.progress.read).toBe((expected + 1) * 10);
    }
  });

  it('sends what a slow source gave after 20 ms, without waiting for ten', async () => {
    const { client, clock } = makeClient();
    async function* slow() {
      yield message('m-0');
      yield message('m-1');
      await clock.sleep(60_000);
      yield message('m-2');
    }

    const run = client.batch(slow()).then(idsOf);
    await clock.advance(19);
    expect(entriesPerRequest()).toEqual([]);
    await clock.advance(1);
    expect(entriesPerRequest()).toEqual([2]);
    await clock.advance(60_000);

    expect(await run).toEqual(['m-0', 'm-1', 'm-2']);
    expect(entriesPerRequest()).toEqual([2, 1]);
  });

  it('never waits for a source that waits for a result', async () => {
    const { client, clock } = makeClient();
    let confirm = () => {};
    async function* oneByOne() {
      for (const given of messages(3)) {
        const confirmed = new Promise<void>((resolve) => (confirm = resolve));
        yield given;
        await confirmed;
      }
    }

    const taken: unknown[] = [];
    const finished = (async () => {
      for await (const { messageId } of client.batch(oneByOne())) {
        taken.push(messageId);
        confirm();
      }
    })();
    await clock.advance(60);
    await finished;

    expect(taken).toEqual(['m-0', 'm-1', 'm-2']);
  });

  it('delivers the results of what was read before its source threw, then throws', async () => {
    const { client } = makeClient();
    async function* source() {
      yield* messages(12);
      throw new Error('no more');
    }

    const taken: unknown[] = [];
    const finished = (async () => {
      for await (const { messageId } of client.batch(source())) taken.push(messageId);
    })();

    await expect(finished).rejects.toThrow('no more');
    expect(taken).toEqual(messages(12).map(({ id }) => id));
    expect(entriesPerRequest()).toEqual([10, 2]);
  });
});

describe('leaving early', () => {
  it('stops reading, tells the source, and waits for the requests under way', async () => {
    const { client, clock } = makeClient();
    const source = endless();
    const waiting = answerByHand(sqs);
    const events: string[] = [];

    const finished = (async () => {
      for await (const _ of client.batch(source.messages)) break;
      events.push('left');
    })();
    await clock.advance(0);
    waiting[0]?.();
    await clock.advance(0);
    expect(events).toEqual([]);
    expect(source.progress).toEqual({ read: 50, left: true });
    for (const answer of waiting.slice(1)) answer();
    await finished;

    expect(events).toEqual(['left']);
    expect(requestsTo(sqs)).toHaveLength(4);
  });

  it('does not wait for a source that never answers again', async () => {
    const { client, clock } = makeClient();
    const returned = vi.fn(() => new Promise<never>(() => {}));
    const source = {
      given: 0,
      [Symbol.asyncIterator]: () => ({
        next: () =>
          source.given++ === 0 ? Promise.resolve({ value: message('m-0') }) : new Promise<never>(() => {}),
        return: returned,
      }),
    };

    const finished = (async () => {
      for await (const _ of client.batch(source as AsyncIterable<NewMessage<null>>)) break;
    })();
    await clock.advance(20);
    await finished;

    expect(returned).toHaveBeenCalledTimes(1);
  });

  it('takes nothing that the source gives afterwards', async () => {
    const { client, clock, heard } = makeClient();
    const late = Promise.withResolvers<NewMessage<null>>();
    async function* source() {
      yield message('m-0');
      yield await late.promise;
    }

    const finished = (async () => {
      for await (const _ of client.batch(source())) break;
    })();
    await clock.advance(20);
    await finished;
    late.resolve(message('late'));
    await clock.advance(1_000);

    expect(entriesPerRequest()).toEqual([1]);
    expect(heard.spans).toHaveLength(1);
  });

  it('does not mind a source that fails afterwards', async () => {
    const { client, clock } = makeClient();
    const late = Promise.withResolvers<never>();
    async function* source() {
      yield message('m-0');
      yield await late.promise;
    }

    const finished = (async () => {
      for await (const _ of client.batch(source())) break;
    })();
    await clock.advance(20);
    late.reject(new Error('nobody listens'));

    await expect(finished).resolves.toBeUndefined();
  });

  it('does not tell a source that ended by itself', async () => {
    const returned = vi.fn(() => ({ done: true as const, value: undefined }));
    const list = messages(1).values();
    const source = { [Symbol.iterator]: () => ({ next: () => list.next(), return: returned }) };

    expect(await makeClient().client.batch(source)).toHaveLength(1);
    expect(returned).not.toHaveBeenCalled();
  });
});
