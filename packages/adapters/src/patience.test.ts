import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { patience } from './patience.ts';

describe('the patience of one call', () => {
  const refusal = new Error('refused');
  /** A call whose requests are refused `times` times each, and a count of them. */
  const refusing = (times: number, patienceMs = 3_000, takesMs = 0) => {
    const clock = fakeClock();
    const call = patience({ clock, random: { next: () => 1 }, patienceMs }, (error) => error === refusal);
    const made = { requests: 0 };
    const request = async () => {
      made.requests++;
      if (takesMs > 0) await clock.sleep(takesMs);
      if (made.requests <= times) throw refusal;
      return 'answer';
    };
    return { clock, made, ask: () => call.repeat(request) };
  };

  it('lasts three seconds', async () => {
    const { clock, made, ask } = refusing(Number.POSITIVE_INFINITY);
    const answer = expect(ask()).rejects.toBe(refusal);
    await clock.advance(3_100);
    await answer;
    // After 0, 25, 75 and 175 ms, and then every 100 ms until 3,075.
    expect(made.requests).toBe(33);
  });

  it.each([4, 5])('leaves a request that is begun when it is over five tries: %i refusals', async (times) => {
    const { clock, made, ask } = refusing(times);
    await clock.advance(3_000);
    const answer = ask().catch((error: unknown) => error);
    await clock.advance(275);
    expect(await answer).toBe(times < 5 ? 'answer' : refusal);
    expect(made.requests).toBe(5);
  });

  it('does not repeat a request whose refusal took as long as it lasts', async () => {
    const { clock, made, ask } = refusing(Number.POSITIVE_INFINITY, 3_000, 3_000);
    const answer = expect(ask()).rejects.toBe(refusal);
    await clock.advance(3_000);
    await answer;
    expect(made.requests).toBe(1);
  });

  it('of 0 asks once', async () => {
    const { made, ask } = refusing(1, 0);
    await expect(ask()).rejects.toBe(refusal);
    expect(made.requests).toBe(1);
  });
});
