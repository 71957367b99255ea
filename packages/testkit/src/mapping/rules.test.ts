import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it, vi } from 'vitest';
import { pause } from '../pause.ts';
import type { InvocationReport } from './batch.ts';
import { fakeSqs } from './fake-sqs.ts';
import { idsOf, listing, mappingFixture, messageIds } from './test-fixture.ts';

describe("the mapping's rules", () => {
  const fixture = mappingFixture();

  describe('after an answer', () => {
    it('deletes the unlisted messages and leaves the listed ones', async () => {
      fixture.sqs.add('m-1', 'm-2', 'm-3');
      await fixture.start({ handler: async () => listing('m-2') });
      expect(fixture.sqs.remaining).toEqual(['m-2']);
      expect(fixture.mapping.stats).toMatchObject({ invocations: 1, failedBatches: 0, deleted: 2 });
    });

    it('deletes nothing, and asks for nothing, when all are listed', async () => {
      fixture.sqs.add('m-1', 'm-2');
      await fixture.start({ handler: async (event) => listing(...idsOf(event)) });
      expect(fixture.sqs.remaining).toEqual(['m-1', 'm-2']);
      expect(fixture.sqs.deleteBatches).toEqual([]);
      expect(fixture.mapping.stats).toMatchObject({ failedBatches: 0, deleted: 0, notDeleted: 0 });
    });

    it('brings a listed message back when its visibility ends, with a higher receive count', async () => {
      fixture.sqs.add('m-1');
      const counts: string[] = [];
      const handler = async (event: SQSEvent) => {
        counts.push(...event.Records.map(({ attributes }) => attributes.ApproximateReceiveCount));
        return counts.length === 1 ? listing('m-1') : listing();
      };
      await fixture.start({ handler });
      await vi.advanceTimersByTimeAsync(29_990);
      expect(counts).toEqual(['1']);
      await vi.advanceTimersByTimeAsync(20);
      expect(counts).toEqual(['1', '2']);
      expect(fixture.sqs.remaining).toEqual([]);
      expect(fixture.mapping.stats.receives).toEqual(new Map([['m-1', 2]]));
    });

    it.each<[string, unknown]>([
      ['nothing', undefined],
      ['null', null],
      ['an empty object', {}],
      ['an empty list', listing()],
      ['a null list', { batchItemFailures: null }],
      ['a list that JSON drops', { batchItemFailures: undefined }],
    ])('deletes the whole batch for %s', async (_name, answer) => {
      fixture.sqs.add('m-1', 'm-2');
      await fixture.start({ handler: async () => answer });
      expect(fixture.sqs.remaining).toEqual([]);
      expect(fixture.mapping.stats.failedBatches).toBe(0);
    });

    it.each<[string, () => unknown]>([
      ['a rejection', () => Promise.reject(new Error('broken'))],
      ['a string', () => 'ok'],
      ['a bare list', () => [{ itemIdentifier: 'm-1' }]],
      ['an empty identifier', () => listing('')],
      ['a null identifier', () => listing(null)],
      ['an identifier that JSON drops', () => listing(undefined)],
      ['an identifier that JSON turns into null', () => listing(Number.NaN)],
      ['an unknown identifier beside a known one', () => listing('m-1', 'm-9')],
      ['a receipt handle instead of an id', () => listing('m-1#1')],
      [
        'a cycle',
        () => {
          const cycle: unknown[] = [];
          cycle.push(cycle);
          return { batchItemFailures: cycle };
        },
      ],
    ])('deletes nothing for %s', async (_name, handler) => {
      fixture.sqs.add('m-1', 'm-2');
      await fixture.start({ handler });
      expect(fixture.sqs.remaining).toEqual(['m-1', 'm-2']);
      expect(fixture.mapping.stats).toMatchObject({ invocations: 1, failedBatches: 1, deleted: 0 });
    });

    it('judges what the answer is after JSON, not before', async () => {
      fixture.sqs.add('m-1', 'm-2');
      const answer = { toJSON: () => listing('m-1') };
      await fixture.start({ handler: () => answer });
      expect(fixture.sqs.remaining).toEqual(['m-1']);
    });

    it('counts what SQS does not delete and delivers it again', async () => {
      fixture.sqs.add('m-1');
      fixture.sqs.fail('delete', true);
      await fixture.start({ handler: async () => listing() });
      expect(fixture.mapping.stats).toMatchObject({ deleted: 0, notDeleted: 1 });
      fixture.sqs.fail('delete', false);
      await vi.advanceTimersByTimeAsync(30_010);
      expect(fixture.sqs.remaining).toEqual([]);
      expect(fixture.mapping.stats).toMatchObject({ invocations: 2, deleted: 1 });
    });

    it('reports the invocation', async () => {
      fixture.sqs.add('m-1', 'm-2');
      const reports: InvocationReport[] = [];
      await fixture.start({
        handler: async () => listing('m-2'),
        onInvocation: (report) => reports.push(report),
      });
      expect(reports).toHaveLength(1);
      expect(reports[0]).toMatchObject({
        invocation: { kind: 'returned', durationMs: 0 },
        verdict: { kind: 'processed', failed: new Set(['m-2']) },
      });
    });
  });

  describe('when time is over', () => {
    it('fails the whole batch at the timeout, whatever the function answers later', async () => {
      fixture.sqs.add('m-1');
      await fixture.start({ handler: () => pause(1_500) });
      await vi.advanceTimersByTimeAsync(2_000);
      expect(fixture.sqs.remaining).toEqual(['m-1']);
      expect(fixture.mapping.stats).toMatchObject({ invocations: 1, failedBatches: 1, billedMs: 1_000 });
    });

    it('bills the time that functions ran', async () => {
      fixture.sqs.add('m-1', 'm-2');
      await fixture.start({ batchSize: 1, handler: () => pause(100) });
      await vi.advanceTimersByTimeAsync(100);
      expect(fixture.mapping.stats).toMatchObject({ invocations: 2, billedMs: 200 });
    });
  });

  describe('throttled', () => {
    it('tries the same batch again until it is let in', async () => {
      fixture.sqs.add('m-1');
      let refusals = 3;
      const seen: string[] = [];
      const handler = (event: SQSEvent) =>
        void seen.push(...event.Records.map((r) => r.attributes.ApproximateReceiveCount));
      await fixture.start({ throttle: () => refusals-- > 0, handler });
      await vi.advanceTimersByTimeAsync(50 + 100 + 200 - 1);
      expect(seen).toEqual([]);
      await vi.advanceTimersByTimeAsync(1);
      expect(seen).toEqual(['1']);
      expect(fixture.mapping.stats).toMatchObject({
        throttledInvocations: 3,
        invocations: 1,
        deleted: 1,
        droppedBatches: 0,
      });
    });

    it('drops a batch when its visibility ends, and it costs a receive', async () => {
      fixture.sqs = fakeSqs({ visibilityMs: 2_000 });
      fixture.sqs.add('m-1');
      let open = false;
      await fixture.start({ throttle: () => !open, handler: async () => {} });
      await vi.advanceTimersByTimeAsync(1_999);
      expect(fixture.mapping.stats).toMatchObject({ droppedBatches: 1, invocations: 0 });
      open = true;
      await vi.advanceTimersByTimeAsync(20);
      expect(fixture.mapping.stats.receives).toEqual(new Map([['m-1', 2]]));
      expect(fixture.sqs.remaining).toEqual([]);
    });

    it('holds a place while it waits', async () => {
      fixture.sqs.add(...messageIds(3));
      await fixture.start({ batchSize: 1, maxConcurrency: 2, throttle: () => true, handler: async () => {} });
      expect(fixture.mapping.stats.receives.size).toBe(2);
    });
  });
});
