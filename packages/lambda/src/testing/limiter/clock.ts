import { describe, expect, it } from 'vitest';
import { claimOf, LEASE_MS, scene, tenPerMinute, type LimiterUnderTest } from './scene.ts';

/** What a clock that is set back must not do. */
export function describeClock(under: LimiterUnderTest): void {
  describe('a clock that steps back', () => {
    it('does not loosen limits', async () => {
      const { admitOne, clock, send } = scene(under);
      await send(['a', 'b']);
      await clock.advance(999);
      clock.step(-3_600_000);
      expect((await admitOne('c')).kind).toBe('wait');
    });

    it('goes on from where it stood, so that nobody waits for the clock to catch up', async () => {
      const { admit, admitOne, clock, send } = scene(under);
      await send(['a', 'b']);
      clock.step(-3_600_000);
      await admit(['c']);
      await clock.advance(1_000);
      expect((await admitOne('c')).kind).toBe('granted');
    });

    it('goes on from the last outcome too, so that a place does not wait for a time that was taken back', async () => {
      const { admit, admitOne, clock, settle } = scene(under);
      const claims = (await admit(['a', 'b'])).map(claimOf);
      clock.step(3_600_000);
      await settle(claims.map(({ id, token }) => ({ id, token, outcome: 'delivered' })));
      clock.step(-3_600_000);
      await admit(['c']);
      await clock.advance(1_000);
      expect((await admitOne('c')).kind).toBe('granted');
    });

    it('goes on from the last renewal too, so that a lease does not wait for a time that was taken back', async () => {
      const { admit, admitOne, claim, clock, renew } = scene(under);
      const { id, token } = await claim('a', { limits: tenPerMinute });
      clock.step(3_600_000);
      await renew([{ id, token }]);
      clock.step(-3_600_000);
      await admit(['b'], { limits: tenPerMinute });
      await clock.advance(LEASE_MS);
      expect((await admitOne('a', { limits: tenPerMinute })).kind).toBe('granted');
    });

    it('does not lengthen leases', async () => {
      const { claim, clock, sendOne } = scene(under);
      await claim('a', { limits: tenPerMinute });
      clock.step(-3_600_000);
      await sendOne('b', { limits: tenPerMinute });
      await clock.advance(LEASE_MS);
      expect((await claim('a', { limits: tenPerMinute })).attempt).toBe(2);
    });
  });
}
