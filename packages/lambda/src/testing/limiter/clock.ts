import { describe, expect, it } from 'vitest';
import { LEASE_MS, scene, tenPerMinute, type LimiterUnderTest } from './scene.ts';

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
