import { ReceiveMessageCommand, type GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { pause } from '../pause.ts';
import type { MappingSqs } from './queue.ts';
import { idsOf, mappingFixture, messageIds } from './test-fixture.ts';

describe("the mapping's running", () => {
  const fixture = mappingFixture();

  describe('gathering', () => {
    it('gives an invocation at most a batch and asks for no more', async () => {
      fixture.sqs.add(...messageIds(7));
      const batches: string[][] = [];
      await fixture.start({ batchSize: 3, handler: (event) => void batches.push(idsOf(event)) });
      expect(batches).toEqual([['m-1', 'm-2', 'm-3'], ['m-4', 'm-5', 'm-6'], ['m-7']]);
      expect(new Set(fixture.sqs.receives.map(({ max }) => max))).toEqual(new Set([3]));
    });

    it('waits a batching window for more messages', async () => {
      fixture.sqs.add('m-1');
      const batches: string[][] = [];
      await fixture.start({
        batchingWindowMs: 2_000,
        pollers: 1,
        handler: (event) => void batches.push(idsOf(event)),
      });
      await vi.advanceTimersByTimeAsync(1_500);
      fixture.sqs.add('m-2');
      await vi.advanceTimersByTimeAsync(490);
      expect(batches).toEqual([]);
      await vi.advanceTimersByTimeAsync(520);
      expect(batches).toEqual([['m-1', 'm-2']]);
    });

    it('fills a large batch with several receives and deletes it ten at a time', async () => {
      fixture.sqs.add(...messageIds(25));
      const sizes: number[] = [];
      const handler = (event: SQSEvent) => void sizes.push(event.Records.length);
      await fixture.start({ batchSize: 25, batchingWindowMs: 1_000, pollers: 1, handler });
      expect(sizes).toEqual([25]);
      expect(fixture.sqs.receives.slice(0, 3).map(({ max }) => max)).toEqual([10, 10, 5]);
      expect(fixture.sqs.deleteBatches).toEqual([10, 10, 5]);
    });

    it('refuses a configuration that AWS refuses', async () => {
      await fixture.start({ handler: async () => {} });
      await expect(fixture.start({ batchSize: 11, handler: async () => {} })).rejects.toThrow(
        'AWS would refuse this mapping',
      );
      await expect(fixture.start({ functionTimeoutMs: 30_001, handler: async () => {} })).rejects.toThrow(
        'visibility',
      );
    });

    it('pauses longer after each failed receive, and forgets that with one that works', async () => {
      fixture.sqs.fail('receive', true);
      await fixture.start({ pollers: 1, handler: async () => {} });
      await vi.advanceTimersByTimeAsync(100 + 200 + 399);
      expect(fixture.mapping.stats.failedPolls).toBe(3);
      fixture.sqs.fail('receive', false);
      fixture.sqs.add('m-1');
      await vi.advanceTimersByTimeAsync(1);
      expect(fixture.mapping.stats.deleted).toBe(1);
      fixture.sqs.fail('receive', true);
      await vi.advanceTimersByTimeAsync(1_000 + 99);
      expect(fixture.mapping.stats.failedPolls).toBe(4);
      await vi.advanceTimersByTimeAsync(1);
      expect(fixture.mapping.stats.failedPolls).toBe(5);
    });
  });

  describe('concurrency', () => {
    it('runs no more invocations at once than allowed, and receives nothing that it could not invoke', async () => {
      fixture.sqs.add(...messageIds(8));
      let running = 0;
      let most = 0;
      const handler = async () => {
        most = Math.max(most, ++running);
        await pause(500);
        running--;
      };
      await fixture.start({ batchSize: 1, maxConcurrency: 3, handler });
      expect(most).toBe(3);
      expect(fixture.mapping.stats.receives.size).toBe(3);
      await vi.advanceTimersByTimeAsync(1_500);
      expect(most).toBe(3);
      expect(fixture.mapping.stats.deleted).toBe(8);
    });

    it('runs more invocations than it has pollers', async () => {
      fixture.sqs.add(...messageIds(4));
      await fixture.start({ batchSize: 1, pollers: 1, maxConcurrency: 4, handler: () => pause(500) });
      expect(fixture.mapping.stats.invocations).toBe(4);
    });
  });

  describe('stop', () => {
    it('waits for the invocation under way and deletes what it finished', async () => {
      fixture.sqs.add('m-1');
      await fixture.start({ functionTimeoutMs: 5_000, handler: () => pause(3_000) });
      let stopped = false;
      void fixture.mapping.stop().then(() => (stopped = true));
      await vi.advanceTimersByTimeAsync(2_999);
      expect(stopped).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(stopped).toBe(true);
      expect(fixture.sqs.remaining).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it('ends a batching window early', async () => {
      fixture.sqs.add('m-1');
      await fixture.start({ pollers: 1, batchingWindowMs: 20_000, handler: async () => {} });
      const startedAtMs = performance.now();
      const stopped = fixture.mapping.stop();
      await vi.advanceTimersByTimeAsync(1_000);
      await stopped;
      expect(fixture.mapping.stats.deleted).toBe(1);
      expect(performance.now() - startedAtMs).toBe(1_000);
      expect(vi.getTimerCount()).toBe(0);
    });

    it('delivers what a poll under way still brings, and receives nothing after', async () => {
      await fixture.start({ pollers: 1, handler: async () => {} });
      const stopped = fixture.mapping.stop();
      fixture.sqs.add('m-1');
      await vi.advanceTimersByTimeAsync(1_000);
      await stopped;
      expect(fixture.sqs.remaining).toEqual([]);
      fixture.sqs.add('m-2');
      await vi.advanceTimersByTimeAsync(60_000);
      expect(fixture.sqs.remaining).toEqual(['m-2']);
      expect(fixture.sqs.receives).toHaveLength(1);
    });

    it('cuts off a poll that does not end in its time', async () => {
      await fixture.start({ sqs: hangingOnReceive(fixture.sqs), pollers: 2, handler: async () => {} });
      let stopped = false;
      void fixture.mapping.stop().then(() => (stopped = true));
      await vi.advanceTimersByTimeAsync(2_999);
      expect(stopped).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(stopped).toBe(true);
    });

    it('gives up a throttled batch', async () => {
      fixture.sqs.add('m-1');
      await fixture.start({ throttle: () => true, handler: async () => {} });
      const stopped = fixture.mapping.stop();
      await vi.advanceTimersByTimeAsync(1_000);
      await stopped;
      expect(fixture.mapping.stats).toMatchObject({ droppedBatches: 1, invocations: 0 });
    });

    it('tells of a hook that threw', async () => {
      fixture.sqs.add('m-1');
      const onInvocation = () => {
        throw new Error('hook broken');
      };
      await fixture.start({ handler: async () => {}, onInvocation });
      const failure = expect(fixture.mapping.stop()).rejects.toThrow(
        'the mapping met 1 faults: Error: hook broken',
      );
      await vi.advanceTimersByTimeAsync(1_000);
      await failure;
    });
  });
});

/** Passes everything on except receives, which end with an abort only. */
function hangingOnReceive(sqs: MappingSqs): MappingSqs {
  const send = (command: unknown, options?: { abortSignal: AbortSignal }) => {
    if (!(command instanceof ReceiveMessageCommand)) return sqs.send(command as GetQueueAttributesCommand);
    return new Promise((_resolve, reject) => {
      options?.abortSignal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  };
  return { send: send as MappingSqs['send'] };
}
