import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs, pause } from './pause.ts';

describe('pause', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  const watch = (pausing: Promise<void>) => {
    const state = { over: false };
    void pausing.then(() => (state.over = true));
    return state;
  };

  it('ends after its time and leaves no listener behind', async () => {
    const { signal } = new AbortController();
    const pausing = watch(pause(100, signal));
    await vi.advanceTimersByTimeAsync(99);
    expect(pausing.over).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(pausing.over).toBe(true);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends when the signal aborts and leaves no timer behind', async () => {
    const controller = new AbortController();
    const pausing = watch(pause(100, controller.signal));
    controller.abort();
    await vi.advanceTimersByTimeAsync(0);
    expect(pausing.over).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin when the signal has aborted', async () => {
    await pause(100, AbortSignal.abort());
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('backoffMs', () => {
  it('doubles up to its longest', () => {
    expect([0, 1, 2, 3, 2_000].map((attempt) => backoffMs(attempt, 50, 300))).toEqual([
      50, 100, 200, 300, 300,
    ]);
  });
});
