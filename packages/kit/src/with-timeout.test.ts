import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../client/src/testing/fake-clock.ts';
import { answerInTime, awokenBy, isTimeoutError, withTimeout } from './with-timeout.ts';

const never = () => new Promise<never>(() => {});

describe('a call with a timeout', () => {
  it('gives its answer, and leaves no timer behind', async () => {
    const clock = fakeClock();

    expect(await withTimeout({ clock, timeoutMs: 50 }, async () => 'done')).toBe('done');
    await clock.advance(0);

    expect(clock.sleeping).toBe(0);
  });

  it('throws what it throws, now or later', async () => {
    const clock = fakeClock();
    const failure = new RangeError('of the call');
    const failing = (call: () => Promise<never>) =>
      expect(withTimeout({ clock, timeoutMs: 50 }, call)).rejects.toBe(failure);

    await failing(() => Promise.reject(failure));
    await failing(() => {
      throw failure;
    });
    expect(isTimeoutError(failure)).toBe(false);
  });

  it('ends when its time is over: its signal aborts, and nobody waits for it any longer', async () => {
    const clock = fakeClock();
    let given: AbortSignal | undefined;
    const limited = withTimeout({ clock, timeoutMs: 50 }, (signal) => {
      given = signal;
      return never();
    }).catch((error: unknown) => error);

    await clock.advance(49);
    expect(given?.aborted).toBe(false);
    await clock.advance(1);

    expect(given?.aborted).toBe(true);
    const error = await limited;
    expect(isTimeoutError(error)).toBe(true);
    expect(error).toMatchObject({ name: 'TimeoutError', message: 'no answer within 50 ms' });
  });

  it('does not abort its signal after an answer', async () => {
    const clock = fakeClock();
    let given: AbortSignal | undefined;

    await withTimeout({ clock, timeoutMs: 50 }, async (signal) => (given = signal));
    await clock.advance(1_000);

    expect(given?.aborted).toBe(false);
  });

  it('ends when the signal of its clock aborts, with its own signal', async () => {
    const clock = fakeClock();
    const outer = new AbortController();
    let given: AbortSignal | undefined;
    const limited = withTimeout({ clock: awokenBy(outer.signal, clock), timeoutMs: 50 }, (signal) => {
      given = signal;
      return never();
    }).catch((error: unknown) => error);

    outer.abort('enough');

    expect(isTimeoutError(await limited)).toBe(true);
    expect(given?.aborted).toBe(true);
    expect(clock.sleeping).toBe(0);
  });

  it('ends at once when the signal of its clock has aborted', async () => {
    const limited = withTimeout({ clock: awokenBy(AbortSignal.abort(), fakeClock()), timeoutMs: 50 }, never);

    await expect(limited).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

describe('an answer that is on its way', () => {
  it('is given up when its time is over', async () => {
    const clock = fakeClock();
    const errors: DOMException[] = [];
    const limited = answerInTime({ clock, timeoutMs: 50 }, never(), (error) => void errors.push(error));
    const refused = expect(limited).rejects.toMatchObject({ name: 'TimeoutError' });

    await clock.advance(50);

    await refused;
    expect(errors).toHaveLength(1);
  });
});
