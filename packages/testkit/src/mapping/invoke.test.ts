import type { Context, SQSEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { invoke } from './invoke.ts';

const event: SQSEvent = { Records: [] };
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('invoke', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('gives the answer as JSON, without what JSON cannot say', async () => {
    const answer = { kept: [1, undefined], dropped: undefined, at: new Date(0) };
    expect(await invoke(() => answer, event, 1_000)).toEqual({
      kind: 'returned',
      text: '{"kept":[1,null],"at":"1970-01-01T00:00:00.000Z"}',
      durationMs: 0,
    });
  });

  it('answers null for a function that returns nothing', async () => {
    expect(await invoke(async () => {}, event, 1_000)).toMatchObject({ kind: 'returned', text: 'null' });
  });

  it.each<[string, () => unknown, string]>([
    ['rejects', () => Promise.reject(new Error('broken')), 'broken'],
    [
      'throws',
      () => {
        throw new Error('broken');
      },
      'broken',
    ],
    ['answers with what JSON refuses', () => 1n, 'BigInt'],
  ])('reports a function that %s', async (_how, handler, message) => {
    const invocation = await invoke(handler, event, 1_000);
    expect(invocation).toMatchObject({ kind: 'threw', error: { message: expect.stringContaining(message) } });
  });

  it('measures how long the function ran', async () => {
    const invocation = invoke(() => after(250), event, 1_000);
    await vi.advanceTimersByTimeAsync(250);
    expect(await invocation).toEqual({ kind: 'returned', text: 'null', durationMs: 250 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up on a function when its time is over', async () => {
    const invocation = invoke(() => after(1_001), event, 1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await invocation).toEqual({ kind: 'timed-out', durationMs: 1_000 });
  });

  it('survives a function that rejects after its time is over', async () => {
    const invocation = invoke(() => after(2_000).then(() => Promise.reject(new Error('late'))), event, 1_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await invocation).toEqual({ kind: 'timed-out', durationMs: 1_000 });
  });

  it('tells the function how much time is left, never less than none', async () => {
    const remaining: number[] = [];
    const look = async (_event: SQSEvent, context: Context) => {
      remaining.push(context.getRemainingTimeInMillis());
      await after(400);
      remaining.push(context.getRemainingTimeInMillis());
      await after(1_000);
      remaining.push(context.getRemainingTimeInMillis());
    };
    void invoke(look, event, 1_000);
    await vi.advanceTimersByTimeAsync(1_400);
    expect(remaining).toEqual([1_000, 600, 0]);
  });

  it('hands over a copy of the event', async () => {
    await invoke((received) => received.Records.push(...received.Records, {} as never), event, 1_000);
    expect(event).toEqual({ Records: [] });
  });
});
