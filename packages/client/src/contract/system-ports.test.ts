import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backgroundClock, systemClock, systemRandom, uuidIds } from './index.ts';

describe('the system clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_767_225_600_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('tells the time and measures it', () => {
    const startMs = systemClock.monotonicMs();
    vi.advanceTimersByTime(1_500);

    expect(systemClock.nowMs()).toBe(1_767_225_601_500);
    expect(systemClock.monotonicMs() - startMs).toBe(1_500);
  });

  it('sleeps as long as it is told', async () => {
    const woken = vi.fn();
    void systemClock.sleep(100).then(woken);

    await vi.advanceTimersByTimeAsync(99);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);

    expect(woken).toHaveBeenCalledTimes(1);
  });

  it('wakes at once when it is told to, and leaves no timer behind', async () => {
    const alarm = new AbortController();
    const slept = systemClock.sleep(60_000, alarm.signal);

    alarm.abort();
    await slept;
    await systemClock.sleep(60_000, alarm.signal);

    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the background clock', () => {
  it('sleeps without keeping the process alive, unlike the system clock', () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const wake = new AbortController();

    void systemClock.sleep(60_000, wake.signal);
    void backgroundClock.sleep(60_000, wake.signal);

    expect(timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([true, false]);
    wake.abort();
    timers.mockRestore();
  });
});

describe('the other system ports', () => {
  it('make version 4 UUIDs, each once', () => {
    const ids = Array.from({ length: 1_000 }, () => uuidIds.next());

    expect(new Set(ids).size).toBe(1_000);
    expect(
      ids.filter((id) => !/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(id)),
    ).toEqual([]);
  });

  it('give chances from 0 to below 1', () => {
    const chances = Array.from({ length: 1_000 }, () => systemRandom.next());

    expect(chances.every((chance) => chance >= 0 && chance < 1)).toBe(true);
  });
});
