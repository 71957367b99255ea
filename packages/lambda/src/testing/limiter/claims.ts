import { describe, expect, it } from 'vitest';
import {
  LEASE_MS,
  claimOf,
  kinds,
  numbered,
  onePerSecond,
  scene,
  tenPerMinute,
  type LimiterUnderTest,
} from './scene.ts';

/** Who may deliver, and what becomes of it. */
export function describeClaims(under: LimiterUnderTest): void {
  describe('claims', () => {
    it('answers a duplicate with the end of the lease while the message is being delivered', async () => {
      const { admitOne, claim, clock, startMs } = scene(under);
      await claim('a');
      await clock.advance(10);
      expect(await admitOne('a')).toEqual({ kind: 'busy', retryAtMs: startMs + LEASE_MS });
      expect((await admitOne('b')).kind).toBe('granted');
    });

    it('grants an id once that one question holds several times', async () => {
      const { admit, clock, startMs } = scene(under);
      const answers = await admit(['a', 'b', 'a', 'a']);
      expect(answers.map(({ kind }) => kind)).toEqual(['granted', 'granted', 'busy', 'busy']);
      expect(answers[2]).toEqual({ kind: 'busy', retryAtMs: startMs + LEASE_MS });
      await clock.advance(10);
      expect((await admit(['a', 'a'])).map(({ kind }) => kind)).toEqual(['busy', 'busy']);
    });

    it.each(['delivered', 'dead'] as const)(
      'answers a duplicate of a %s message without charging a place',
      async (outcome) => {
        const { admit, claim, settle } = scene(under);
        const { token } = await claim('a');
        expect(await settle([{ id: 'a', token, outcome }])).toEqual([true]);
        expect(await admit(['a', 'b', 'c'])).toMatchObject([
          { kind: 'settled', outcome },
          { kind: 'granted' },
          { kind: 'wait' },
        ]);
      },
    );

    it('lets another worker take over when the lease has ended, and counts the attempt', async () => {
      const { claim, clock } = scene(under);
      const first = await claim('a');
      await clock.advance(LEASE_MS);
      const second = await claim('a');
      expect([first.attempt, second.attempt]).toEqual([1, 2]);
      expect(second.token).toBeGreaterThan(first.token);
    });

    it('tells a takeover from an attempt that follows a recorded one', async () => {
      const { claim, clock, settle } = scene(under);
      const first = await claim('a');
      await clock.advance(LEASE_MS);
      const second = await claim('a');
      await settle([{ id: 'a', token: second.token, outcome: 'retry', retryAfterMs: 5_000 }]);
      await clock.advance(5_000);
      const third = await claim('a');
      expect([first, second, third].map(({ takeover }) => takeover)).toEqual([false, true, false]);
    });

    it('still tells a takeover after a claim in which nothing was attempted', async () => {
      const { claim, clock, settle } = scene(under);
      await claim('a', { limits: tenPerMinute });
      await clock.advance(LEASE_MS);
      const { token } = await claim('a', { limits: tenPerMinute });
      await settle([{ id: 'a', token, outcome: 'release', holdMs: 0 }], { limits: tenPerMinute });
      expect(await claim('a', { limits: tenPerMinute })).toMatchObject({ attempt: 2, takeover: true });
    });

    it('prolongs a claim from now on', async () => {
      const { admitOne, claim, clock, renew, startMs } = scene(under);
      const { token } = await claim('a');
      await clock.advance(LEASE_MS - 1);
      expect(await renew([{ id: 'a', token }])).toEqual([true]);
      await clock.advance(LEASE_MS - 1);
      expect(await admitOne('a')).toEqual({ kind: 'busy', retryAtMs: startMs + 2 * LEASE_MS - 1 });
      await clock.advance(1);
      expect((await claim('a')).attempt).toBe(2);
    });

    it('takes the place of a prolonged claim until it ends', async () => {
      const { admitOne, claim, clock, renew, settle, wait } = scene(under);
      const { token } = await claim('a', { limits: onePerSecond });
      await clock.advance(LEASE_MS - 1);
      await renew([{ id: 'a', token }]);
      await clock.advance(10_000);
      expect(await admitOne('b', { limits: onePerSecond })).toEqual(wait(LEASE_MS + 10_999, 0));
      await settle([{ id: 'a', token, outcome: 'delivered' }], { limits: onePerSecond });
      await clock.advance(1_000);
      expect((await admitOne('b', { limits: onePerSecond })).kind).toBe('granted');
    });

    it('prolongs even a claim whose lease has ended, as long as nobody took over', async () => {
      const { admitOne, claim, clock, renew, wait } = scene(under);
      const { token } = await claim('a', { limits: onePerSecond });
      await clock.advance(LEASE_MS + 500);
      await admitOne('b', { limits: onePerSecond });
      expect(await renew([{ id: 'a', token }])).toEqual([true]);
      await clock.advance(5_000);
      expect(await admitOne('b', { limits: onePerSecond })).toEqual(wait(LEASE_MS + 6_500, 0));
    });

    it('does not prolong what was taken over, settled or never claimed', async () => {
      const { claim, clock, limiter, renew, settle } = scene(under);
      const first = await claim('a');
      await clock.advance(LEASE_MS);
      const second = await claim('a');
      expect(await renew([first, { id: 'x', token: 1 }, second])).toEqual([false, false, true]);
      await settle([{ id: 'a', token: second.token, outcome: 'delivered' }]);
      expect(await renew([second])).toEqual([false]);
      expect(await limiter.renew({ key: 'account-9', claims: [first], leaseMs: 1 })).toEqual([false]);
    });

    it('refuses to settle with an old token, and changes nothing', async () => {
      const { admitOne, claim, clock, settle } = scene(under);
      const first = await claim('a');
      await clock.advance(LEASE_MS);
      const second = await claim('a');
      expect(await settle([{ id: 'a', token: first.token, outcome: 'delivered' }])).toEqual([false]);
      expect((await admitOne('a')).kind).toBe('busy');
      expect(await settle([{ id: 'a', token: second.token, outcome: 'delivered' }])).toEqual([true]);
    });

    it('settles late when nobody took over, once', async () => {
      const { claim, clock, settle } = scene(under);
      const { token } = await claim('a');
      await clock.advance(2 * LEASE_MS);
      const late = [{ id: 'a', token, outcome: 'delivered' }] as const;
      expect(await settle(late)).toEqual([true]);
      expect(await settle(late)).toEqual([false]);
    });

    it('refuses to settle what was never claimed', async () => {
      const { settle } = scene(under);
      expect(await settle([{ id: 'a', token: 1, outcome: 'dead' }])).toEqual([false]);
    });

    it('settles many in one step, each on its own', async () => {
      const { claim, settle } = scene(under);
      const a = await claim('a');
      const b = await claim('b');
      const settled = await settle([
        { id: 'a', token: a.token, outcome: 'delivered' },
        { id: 'b', token: b.token + 1, outcome: 'delivered' },
        { id: 'x', token: 7, outcome: 'delivered' },
      ]);
      expect(settled).toEqual([true, false, false]);
    });

    it('gives tokens that only grow, over all messages of a key', async () => {
      const { admit } = scene(under);
      const admissions = await admit(numbered(10), { limits: tenPerMinute });
      const tokens = admissions.map((admission) => claimOf(admission).token);
      expect(tokens).toEqual([...new Set(tokens)].toSorted((a, b) => a - b));
    });
  });

  describe('failed attempts', () => {
    it('keeps a failed message away until its backoff ends, then counts the next attempt', async () => {
      const { admitOne, claim, clock, settle, startMs } = scene(under);
      const { token } = await claim('a');
      await settle([{ id: 'a', token, outcome: 'retry', retryAfterMs: 5_000 }]);
      expect(await admitOne('a')).toEqual({ kind: 'busy', retryAtMs: startMs + 5_000 });
      await clock.advance(5_000);
      expect((await claim('a')).attempt).toBe(2);
    });

    it('gives a failed message its old place in line', async () => {
      const { admit, admitOne, claim, clock, settle, wait } = scene(under);
      const { token } = await claim('a');
      await admit(['b', 'c', 'd', 'e']);
      await settle([{ id: 'a', token, outcome: 'retry', retryAfterMs: 500 }]);
      await clock.advance(500);
      expect(await admitOne('a')).toEqual(wait(1_000, 0));
    });

    it('holds the whole key when the upstream asks for silence, and counts no attempt', async () => {
      const { admit, admitOne, claim, clock, settle, wait } = scene(under);
      const { token } = await claim('a');
      await settle([{ id: 'a', token, outcome: 'release', holdMs: 90_000 }]);
      expect(await admitOne('b')).toEqual(wait(90_000, 0));
      await clock.advance(89_999);
      expect(kinds(await admit(['a', 'b']))).toEqual(['busy', 'wait']);
      await clock.advance(1);
      expect(await admit(['b', 'a'])).toMatchObject([
        { kind: 'granted' },
        { kind: 'granted', claim: { attempt: 1 } },
      ]);
    });

    it('never shortens a hold', async () => {
      const { admit, admitOne, settle, wait } = scene(under);
      const [a, b] = (await admit(['a', 'b'])).map(claimOf);
      await settle([{ id: 'a', token: a!.token, outcome: 'release', holdMs: 20_000 }]);
      await settle([{ id: 'b', token: b!.token, outcome: 'release', holdMs: 10 }]);
      expect(await admitOne('c')).toEqual(wait(20_000, 0));
    });

    it('holds only its own key', async () => {
      const { admit, claim, settle } = scene(under);
      const { token } = await claim('a');
      await settle([{ id: 'a', token, outcome: 'release', holdMs: 90_000 }]);
      expect(kinds(await admit(['a'], { key: 'account-2' }))).toEqual(['granted']);
    });
  });
}
