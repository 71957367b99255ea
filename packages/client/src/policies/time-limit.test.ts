import { describe, expect, it } from 'vitest';
import { virtualTime } from '../virtual-time.fixture.ts';
import { isTimeUp, timeLimit } from './time-limit.ts';

const clock = virtualTime();
const never = () => new Promise<never>(() => {});

describe('a time limit', () => {
  it('gives what the work gives, and throws what it throws', async () => {
    const failure = new Error('of the work');

    expect(await timeLimit(50)(async () => 'done')).toBe('done');
    await expect(timeLimit(50)(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(isTimeUp(failure)).toBe(false);
  });

  it('aborts the work when the time is up, and waits no longer for work that goes on', async () => {
    let aborted = false;
    const limited = timeLimit(50)((signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return never();
    }).catch((error: unknown) => error);

    await clock.advance(49);
    expect(aborted).toBe(false);
    await clock.advance(1);

    expect(aborted).toBe(true);
    expect(isTimeUp(await limited)).toBe(true);
  });

  it('does not abort the signal of work that ended in time', async () => {
    let given: AbortSignal | undefined;

    await timeLimit(50)(async (signal) => (given = signal));
    await clock.advance(1_000);

    expect(given?.aborted).toBe(false);
  });

  it('ends when the signal that it was given aborts', async () => {
    const outer = new AbortController();
    const limited = timeLimit(50)(never, outer.signal).catch((error: unknown) => error);

    outer.abort('enough');

    expect(isTimeUp(await limited)).toBe(true);
  });
});
