import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { until } from './until.ts';

describe('until', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('gives the first answer that is neither false, null nor undefined', async () => {
    const answers = [false, null, undefined, 0, 7];
    const waiting = until('a number', () => answers.shift(), { everyMs: 10 });
    await vi.advanceTimersByTimeAsync(30);
    expect(await waiting).toBe(0);
    expect(answers).toEqual([7]);
  });

  it('asks again after an error', async () => {
    let calls = 0;
    const waiting = until('a server', async () => {
      if (++calls < 3) throw new Error('refused');
      return 'up';
    });
    await vi.advanceTimersByTimeAsync(40);
    expect(await waiting).toBe('up');
  });

  it('says what it waited for and what it found last when time is over', async () => {
    const waiting = until('two messages', () => null, { timeoutMs: 100 });
    const failure = expect(waiting).rejects.toThrow('expected two messages within 100 ms, found null');
    await vi.advanceTimersByTimeAsync(100);
    await failure;
  });

  it('keeps the last error as the cause when time is over', async () => {
    const refused = new Error('refused');
    const waiting = until('a server', () => Promise.reject(refused), { timeoutMs: 100 });
    const failure = expect(waiting).rejects.toMatchObject({
      message: 'expected a server within 100 ms, found an error: Error: refused',
      cause: refused,
    });
    await vi.advanceTimersByTimeAsync(100);
    await failure;
  });
});
