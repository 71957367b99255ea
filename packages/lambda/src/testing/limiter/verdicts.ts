import { describe, expect, it } from 'vitest';
import { kinds, LEASE_MS, onePerSecond, scene, tenPerMinute, type LimiterUnderTest } from './scene.ts';

const verdict = { reason: 'the upstream says: “no” \uD800', errorName: 'PermanentError', attempts: 3 };

/** What is known of messages that will never be delivered, or that the upstream puts off time and again. */
export function describeVerdicts(under: LimiterUnderTest): void {
  describe('verdicts', () => {
    it('tells whoever asks about a condemned message why, without charging a place, until it is dead', async () => {
      const { admit, claim, settle, limiter, clock } = scene(under);
      const { token } = await claim('a', { limits: onePerSecond });
      expect(await settle([{ id: 'a', token, outcome: 'condemned', verdict }])).toEqual([true]);
      await clock.advance(1_000);

      for (let asked = 0; asked < 2; asked++) {
        const [condemned] = await admit(['a'], { limits: onePerSecond });
        expect(condemned).toEqual({ kind: 'condemned', token, verdict });
      }
      expect(await limiter.find('account-1', 'a')).toEqual({ state: 'condemned', attempts: 3 });
      expect(await settle([{ id: 'a', token, outcome: 'dead' }])).toEqual([true]);

      const later = await admit(['a', 'b', 'c'], { limits: onePerSecond });
      expect(kinds(later)).toEqual(['settled', 'granted', 'wait']);
    });

    it('lets only the newest claim condemn a message, and only its own token make it dead', async () => {
      const { claim, settle, admit, clock } = scene(under);
      const first = await claim('a', { limits: tenPerMinute });
      await clock.advance(LEASE_MS);
      const second = await claim('a', { limits: tenPerMinute });

      const condemn = (token: number) => settle([{ id: 'a', token, outcome: 'condemned', verdict }]);
      expect(await condemn(first.token)).toEqual([false]);
      expect(await condemn(second.token)).toEqual([true]);
      expect(await settle([{ id: 'a', token: first.token, outcome: 'dead' }])).toEqual([false]);
      expect(await settle([{ id: 'a', token: second.token, outcome: 'delivered' }])).toEqual([false]);
      expect(kinds(await admit(['a']))).toEqual(['condemned']);
    });

    it('lets an operator end a condemned message', async () => {
      const { claim, settle, limiter, admit } = scene(under);
      const { token } = await claim('a');
      await settle([{ id: 'a', token, outcome: 'condemned', verdict }]);

      expect(await limiter.cancel('account-1', 'a')).toBe(true);
      expect(kinds(await admit(['a']))).toEqual(['settled']);
    });

    it('counts how often the upstream asked for silence, through attempts, takeovers and other releases', async () => {
      const { claim, settle, clock } = scene(under);
      const seen: (number | undefined)[] = [];
      const ends = [
        { outcome: 'release', holdMs: 2_000 },
        { outcome: 'unused' },
        { outcome: 'retry', retryAfterMs: 1_000 },
        { outcome: 'release', holdMs: 2_000 },
        undefined,
      ] as const;
      for (const end of ends) {
        const { token, throttles } = await claim('a', { limits: tenPerMinute });
        seen.push(throttles);
        if (end) await settle([{ id: 'a', token, ...end }]);
        await clock.advance(LEASE_MS);
      }
      const { throttles, takeover, attempt } = await claim('a', { limits: tenPerMinute });

      expect([...seen, throttles]).toEqual([0, 1, 1, 1, 2, 2]);
      expect({ takeover, attempt }).toEqual({ takeover: true, attempt: 3 });
    });
  });
}
