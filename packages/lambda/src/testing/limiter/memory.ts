import { describe, expect, it } from 'vitest';
import { slidingWindow } from '../../limiter/limits/limit.ts';
import type { Limiter } from '../../limiter/limiter.ts';
import type { LimiterOperations } from '../../limiter/operations.ts';
import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { claimOf, medium } from './scene.ts';

/** Makes a limiter that remembers finished messages for so long. */
export type MakeRemembering = (clock: FakeClock, rememberMs: number) => Limiter & LimiterOperations;

const DAY_MS = 24 * 3_600_000;

/** What is remembered of messages, whatever the rhythm in which a key is used. */
export function describeMemory(name: string, make: MakeRemembering): void {
  function scene(rememberMs: number) {
    const clock = fakeClock();
    const limiter = make(clock, rememberMs);
    const question = {
      key: 'account-1',
      limits: [slidingWindow({ limit: 100, windowMs: 1_000 })],
      marginMs: 40,
    };
    const ask = async (id: string) =>
      (await limiter.admit({ ...question, leaseMs: 60_000, candidates: [medium(id)] }))[0]!;
    const deliver = async (id: string) => {
      const { token } = claimOf(await ask(id));
      await limiter.settle({ ...question, settlements: [{ id, token, outcome: 'delivered' }] });
    };
    const fail = async (id: string) => {
      const { token, attempt } = claimOf(await ask(id));
      const settlements = [{ id, token, outcome: 'retry', retryAfterMs: 500 }] as const;
      await limiter.settle({ ...question, settlements });
      return attempt;
    };
    return { clock, limiter, ask, deliver, fail };
  }

  describe(`what the ${name} limiter remembers of messages`, () => {
    it('outlasts a lease that is longer than finished messages are remembered', async () => {
      const { clock, ask } = scene(1_000);
      await ask('claimed');
      await clock.advance(2_200);
      expect((await ask('claimed')).kind).toBe('busy');
    });

    it('are its attempts, for as long as it can come back', async () => {
      const { clock, fail } = scene(1_000);
      const attempts = [];
      for (const waitMs of [2_200, 12 * 3_600_000, 13 * DAY_MS, 0]) {
        attempts.push(await fail('failing'));
        await clock.advance(waitMs);
      }
      expect(attempts).toEqual([1, 2, 3, 4]);
    });

    it('is that a claim ran out, for as long as it can come back', async () => {
      const { clock, ask } = scene(1_000);
      await ask('claimed');
      await clock.advance(13 * DAY_MS);
      expect(await ask('claimed')).toMatchObject({ kind: 'granted', claim: { attempt: 2, takeover: true } });
    });

    it.each([
      ['every hour', 3_600_000],
      ['a little less often than it forgets', DAY_MS + 1],
      ['every third day', 3 * DAY_MS],
    ])('is forgotten within twice its time by a key that is used %s', async (_, everyMs) => {
      const { clock, deliver, limiter } = scene(DAY_MS);
      const startMs = clock.nowMs();
      await deliver('first');
      const wrong: [ageMs: number, state: string][] = [];
      while (clock.nowMs() - startMs < 10 * DAY_MS) {
        await clock.advance(everyMs);
        await deliver(`at-${clock.nowMs()}`);
        const { state } = await limiter.find('account-1', 'first');
        const ageMs = clock.nowMs() - startMs;
        const isWrong = ageMs < DAY_MS ? state !== 'delivered' : ageMs >= 2 * DAY_MS && state !== 'unknown';
        if (isWrong) wrong.push([ageMs, state]);
      }
      expect(wrong).toEqual([]);
    });

    it('lasts for its time although its page has just begun or is about to end', async () => {
      const { clock, deliver, ask } = scene(3_600_000);
      await clock.advance(3_599_999);
      await deliver('at the end of a page'.replaceAll(' ', '-'));
      await clock.advance(3_599_999);
      expect(await ask('at-the-end-of-a-page')).toEqual({ kind: 'settled', outcome: 'delivered' });
    });
  });
}
