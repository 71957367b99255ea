import { describe, expect, it } from 'vitest';
import { eventually, makeWorker, slowHandler } from '../src/testing/make-worker.ts';

const MINUTE_MS = 60_000;

describe('a worker whose handler never answers', () => {
  it('says so after five minutes, gives the batch up after its time, and goes on', async () => {
    const { handler, open } = slowHandler();
    const { worker, stop, clock, deleted, logs } = makeWorker({
      replies: [['a', 'b'], ['c']],
      handler,
      batchTimeoutMs: 20 * MINUTE_MS,
    });
    worker.start();
    await eventually(() => expect(open).toHaveLength(1));

    await clock.advance(5 * MINUTE_MS);
    expect(logs).toEqual([
      { level: 'warn', fields: { messages: 2 }, message: 'a batch has been in hand for long' },
    ]);
    expect(worker.health()).toEqual({ longestStepMs: 5 * MINUTE_MS, batchesGivenUp: 0, failedPolls: 0 });
    await clock.advance(15 * MINUTE_MS);
    await eventually(() => expect(open).toHaveLength(2));
    expect(logs.at(-1)).toMatchObject({
      level: 'error',
      message: 'a batch was not finished: its messages come back',
    });
    expect(worker.health()).toEqual({ longestStepMs: 0, batchesGivenUp: 1, failedPolls: 0 });
    open[1]!();
    await eventually(() => expect(deleted).toEqual(['handle of c']));
    await stop();
  });

  it('loses none of its loops, however many batches are given up', async () => {
    const { handler, open } = slowHandler();
    const replies = Array.from({ length: 6 }, (_, index) => [`m-${index}`]);
    const { worker, stop, clock } = makeWorker({
      replies,
      handler,
      concurrency: 2,
      batchTimeoutMs: MINUTE_MS,
    });
    worker.start();

    for (const expected of [2, 4, 6]) {
      await eventually(() => expect(open).toHaveLength(expected));
      await clock.advance(MINUTE_MS);
    }

    expect(worker.health().batchesGivenUp).toBe(6);
    await stop();
  });
});

describe('the health of a worker', () => {
  it('counts no time before its start and after its end', async () => {
    const { worker, stop, clock, receives } = makeWorker();
    await clock.advance(MINUTE_MS);
    expect(worker.health()).toEqual({ longestStepMs: 0, batchesGivenUp: 0, failedPolls: 0 });
    worker.start();
    await eventually(() => expect(receives).toHaveLength(1));
    await clock.advance(3_000);
    expect(worker.health().longestStepMs).toBe(3_000);
    await stop();

    await clock.advance(MINUTE_MS);
    expect(worker.health().longestStepMs).toBe(0);
  });

  it('begins anew with each poll that ends, also one that failed', async () => {
    const { worker, stop, clock, receives, logs } = makeWorker({ replies: [new Error('down')] });
    worker.start();
    await eventually(() => expect([logs.length, clock.sleeping]).toEqual([1, 1]));
    await clock.advance(1_000);
    await eventually(() => expect(receives).toHaveLength(2));
    expect(worker.health().longestStepMs).toBeLessThanOrEqual(1_000);
    await clock.advance(5_000);
    await eventually(() => expect(receives).toHaveLength(3));

    expect(worker.health().longestStepMs).toBe(0);
    await stop();
  });
});
