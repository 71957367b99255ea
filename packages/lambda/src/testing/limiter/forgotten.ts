import { describe, expect, it } from 'vitest';
import { slidingWindow } from '../../limiter/limits/limit.ts';
import {
  LEASE_MS,
  claimOf,
  kinds,
  onePerSecond,
  scene,
  tenPerMinute,
  type LimiterUnderTest,
} from './scene.ts';

/** Deliveries that the limiter knows nothing of, because it lost its memory while they were under way. */
export function describeForgotten(under: LimiterUnderTest): void {
  const token = 1_767_000_000_000_000;

  describe('a delivery that the limiter has forgotten', () => {
    it.each([
      { outcome: 'delivered' },
      { outcome: 'dead' },
      { outcome: 'retry', retryAfterMs: 0 },
      { outcome: 'release', holdMs: 0 },
      { outcome: 'release', holdMs: 1 },
    ] as const)('takes its place from its end on, when that was $outcome', async (outcome) => {
      const { admitOne, clock, limiter, settle, wait } = scene(under);
      expect(await settle([{ id: 'a', token, ...outcome }], { limits: onePerSecond })).toEqual([false]);
      expect(await limiter.find('account-1', 'a')).toEqual({ state: 'unknown' });
      await clock.advance(999);
      expect(await admitOne('b', { limits: onePerSecond })).toEqual(wait(1_000, 0));
      await clock.advance(1);
      expect((await admitOne('b', { limits: onePerSecond })).kind).toBe('granted');
    });

    it('takes its place no longer when it ended while the clock was ahead', async () => {
      const { admitOne, clock, settle, wait } = scene(under);
      clock.step(3_600_000);
      await settle([{ id: 'a', token, outcome: 'delivered' }], { limits: onePerSecond });
      clock.step(-3_600_000);
      expect(await admitOne('b', { limits: onePerSecond })).toEqual(wait(1_000, 0));
      await clock.advance(1_000);
      expect((await admitOne('b', { limits: onePerSecond })).kind).toBe('granted');
    });

    it('takes none when it never began', async () => {
      const { admitOne, settle } = scene(under);
      await settle([{ id: 'a', token, outcome: 'unused' }], { limits: onePerSecond });
      expect((await admitOne('b', { limits: onePerSecond })).kind).toBe('granted');
    });

    it('takes as many places as it costs', async () => {
      const { admit, settle } = scene(under);
      await settle([{ id: 'a', token, cost: 8, outcome: 'delivered' }], { limits: tenPerMinute });
      expect(kinds(await admit(['b', 'c', 'd'], { limits: tenPerMinute }))).toEqual([
        'granted',
        'granted',
        'wait',
      ]);
    });

    it('frees no slot that it did not take when it is settled with another cost than it was renewed with', async () => {
      const { limiter, admit, settle } = scene(under);
      await limiter.renew({ key: 'account-1', claims: [{ id: 'a', token, cost: 1 }], leaseMs: LEASE_MS });
      await settle([{ id: 'a', token, cost: 5, outcome: 'unused' }], { limits: tenPerMinute });
      const ids = Array.from({ length: 11 }, (_, index) => `b-${index}`);
      expect(kinds(await admit(ids, { limits: tenPerMinute })).lastIndexOf('granted')).toBe(9);
    });

    it('counts within the margin before its end, as any other', async () => {
      const { admitOne, settle, wait } = scene(under);
      await settle([{ id: 'a', token, outcome: 'delivered' }], { limits: onePerSecond, marginMs: 400 });
      expect(await admitOne('b', { limits: onePerSecond, marginMs: 400 })).toEqual(wait(1_000, 0));
    });

    it('takes its place by sub-buckets', async () => {
      const { admit, settle } = scene(under);
      const limits = [slidingWindow({ limit: 3, windowMs: 1_000, exact: false })];
      await settle([{ id: 'a', token, cost: 2, outcome: 'delivered' }], { limits });
      expect(kinds(await admit(['b', 'c'], { limits }))).toEqual(['granted', 'wait']);
    });

    it('whose message was claimed anew takes its place beside the new one', async () => {
      const { admit, claim, clock, settle } = scene(under);
      const limits = [slidingWindow({ limit: 3, windowMs: 1_000 })];
      const first = await claim('a', { limits });
      await clock.advance(LEASE_MS);
      await claim('a', { limits });
      await clock.advance(900);
      const late = { id: 'a', token: first.token, outcome: 'delivered' } as const;
      expect(await settle([late], { limits })).toEqual([false]);
      await clock.advance(100);
      expect(kinds(await admit(['b', 'c'], { limits }))).toEqual(['granted', 'wait']);
    });

    it('is under way again when it is renewed, although its claim does not hold', async () => {
      const { admitOne, clock, limiter, renew, settle, wait } = scene(under);
      expect(await renew([{ id: 'a', token }])).toEqual([false]);
      expect(await limiter.inspect('account-1')).toMatchObject({ delivering: 1 });
      await clock.advance(20_000);
      expect(await admitOne('b', { limits: onePerSecond })).toEqual(wait(21_000, 0));
      await settle([{ id: 'a', token, outcome: 'delivered' }], { limits: onePerSecond });
      expect(await limiter.inspect('account-1')).toMatchObject({ delivering: 0 });
      await clock.advance(1_000);
      expect((await admitOne('b', { limits: onePerSecond })).kind).toBe('granted');
    });

    it('ends with the lease that it was renewed for', async () => {
      const { admitOne, clock, renew, wait } = scene(under);
      await renew([{ id: 'a', token, cost: 1 }]);
      await clock.advance(LEASE_MS + 500);
      expect(await admitOne('b', { limits: onePerSecond })).toEqual(wait(LEASE_MS + 1_000, 0));
    });

    it('must stop when its message was claimed anew, and counts as ending when it is told so', async () => {
      const { admit, claim, clock, renew } = scene(under);
      const first = await claim('a');
      await clock.advance(LEASE_MS);
      const second = claimOf((await admit(['a']))[0]!);
      await clock.advance(5_000);
      expect(await renew([first, second])).toEqual([false, true]);
      await clock.advance(999);
      expect(kinds(await admit(['b']))).toEqual(['wait']);
      await clock.advance(1);
      expect(kinds(await admit(['b']))).toEqual(['granted']);
    });
  });
}
