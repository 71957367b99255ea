import { afterEach, beforeEach, vi } from 'vitest';
import { systemClock, type Clock } from './contract/index.ts';

/**
 * Time that the tests of a file own, also where a library reads it. Nothing is read of the outside, so a step of
 * hours takes no time.
 */
export function virtualTime(): Clock & { advance(ms: number): Promise<void> } {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'],
      now: Date.UTC(2026, 0, 1),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  return { ...systemClock, advance: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)) };
}
