import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { within } from './within.ts';

const never = () => new Promise<never>(() => {});

describe('a call that is bounded in time', () => {
  it('gives its answer, and leaves no timer behind', async () => {
    const clock = fakeClock();

    expect(await within(clock, 1_000, async () => 'answer')).toBe('answer');
    await clock.advance(0);

    expect(clock.sleeping).toBe(0);
  });

  it('throws what it throws, now or later', async () => {
    const clock = fakeClock();
    const boom = new RangeError('boom');

    await expect(within(clock, 1_000, () => Promise.reject(boom))).rejects.toBe(boom);
    await expect(
      within(clock, 1_000, () => {
        throw boom;
      }),
    ).rejects.toBe(boom);
  });

  it('is given up when its time is over, and told so', async () => {
    const clock = fakeClock();
    const signals: AbortSignal[] = [];
    const bounded = within(clock, 1_000, (signal) => {
      signals.push(signal);
      return never();
    });
    const refused = expect(bounded).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'no answer within 1000 ms',
    });

    await clock.advance(999);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await clock.advance(1);

    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await refused;
  });

  it('is not told to stop after it has answered', async () => {
    const clock = fakeClock();
    const signals: AbortSignal[] = [];

    await within(clock, 1_000, (signal) => void signals.push(signal));
    await clock.advance(2_000);

    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
