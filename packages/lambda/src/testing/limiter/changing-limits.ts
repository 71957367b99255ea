import { describe, expect, it } from 'vitest';
import { perMinute, slidingWindow, tokenBucket, type Limit } from '../../limiter/limits/limit.ts';
import { claimOf, kinds, LEASE_MS, numbered, scene, type LimiterUnderTest } from './scene.ts';

const DAY_MS = 24 * 3_600_000;

interface Terms {
  readonly limits: readonly Limit[];
  readonly marginMs?: number;
}

const perDay = (limit: number, exact?: boolean, windowMs = DAY_MS): Terms => ({
  limits: [slidingWindow({ limit, windowMs, ...(exact !== undefined && { exact }) })],
});
const bucket = (capacity: number, refillPerMinute = 10): Terms => ({
  limits: [tokenBucket({ capacity, refillPerMinute })],
});
const window = (limit: number, windowMs = 60_000): Terms => ({
  limits: [slidingWindow({ limit, windowMs })],
});

/** Questions about one key that differ: deployments, tiers, a limit that is raised. */
export function describeChangingLimits(under: LimiterUnderTest): void {
  /** Sends as many as are granted, and tells how many. Whoever waits leaves the line again. */
  function spender() {
    const { clock, limiter, send } = scene(under);
    let asked = 0;
    const spend = async (terms: Terms, most = 60): Promise<number> => {
      const ids = numbered(most).map((id) => `${id} of ${asked}`.replaceAll(' ', '-'));
      asked += 1;
      const admissions = await send(ids, terms);
      for (const [index, { kind }] of admissions.entries()) {
        if (kind === 'wait') await limiter.cancel('account-1', ids[index]!);
      }
      return admissions.filter(({ kind }) => kind === 'granted').length;
    };
    return { clock, spend };
  }

  describe('limits that change', () => {
    it.each<[string, Terms, Terms, number, number]>([
      ['a window that is raised', window(10), window(20), 10, 10],
      ['a window that is lowered', window(20), window(10), 20, 0],
      ['perMinute that is raised', { limits: perMinute(10) }, { limits: perMinute(20) }, 10, 10],
      ['exact, then by sub-buckets', perDay(50, true), perDay(50, false), 50, 0],
      ['by sub-buckets, then exact', perDay(50, false), perDay(50, true), 50, 0],
      [
        'by sub-buckets of a day, then of a longer time',
        perDay(50, false),
        perDay(50, false, DAY_MS + 3_600_000),
        50,
        0,
      ],
      [
        'by sub-buckets of a day, then of a shorter time',
        perDay(50, false),
        perDay(50, false, DAY_MS / 2),
        50,
        0,
      ],
      ['a minute, then a day of more', window(10), perDay(30), 10, 20],
      ['a bucket that is larger', bucket(10), bucket(11), 10, 1],
      ['a bucket that is smaller', bucket(11), bucket(10), 11, 0],
      ['a bucket that is filled faster', bucket(10), bucket(10, 11), 10, 0],
      ['a window, then a bucket', window(10), bucket(10), 10, 0],
      ['a bucket, then a window', bucket(10), window(10), 10, 0],
      [
        'a window of one margin, then of a smaller one',
        { ...window(10), marginMs: 400 },
        { ...window(10), marginMs: 0 },
        10,
        0,
      ],
    ])('count what was delivered before: %s', async (_, first, second, before, after) => {
      const { spend } = spender();
      expect([await spend(first), await spend(second)]).toEqual([before, after]);
    });

    it('do not stop a key that has room under them', async () => {
      const { clock, spend } = spender();
      expect(await spend(window(10))).toBe(10);
      await clock.advance(60_000);
      expect(await spend(window(20))).toBe(20);
      await clock.advance(60_000);
      expect(await spend(perDay(50))).toBe(20);
    });

    it('know the past of a window that is longer than all before, a little later than it was at most', async () => {
      const { clock, spend } = spender();
      for (let minute = 0; minute < 60; minute++) {
        expect(await spend(window(10), 12)).toBe(10);
        await clock.advance(60_000);
      }
      expect(await spend(window(650, 3_660_000), 100)).toBe(50);
      await clock.advance(20 * 60_000);
      const known = await spend(window(400, 3_000_000), 100);
      expect(known).toBeGreaterThan(20);
      expect(known).toBeLessThanOrEqual(50);
    });

    it('of two tiers at once: each window counts what the other let through', async () => {
      const { spend } = spender();
      expect(await spend(window(10), 6)).toBe(6);
      expect(await spend(window(12), 4)).toBe(4);
      expect(await spend(window(10), 4)).toBe(0);
      expect(await spend(window(12), 4)).toBe(2);
    });

    it('of two buckets at once: each pays for what the other let through', async () => {
      const { clock, spend } = spender();
      expect(await spend(bucket(10), 6)).toBe(6);
      expect(await spend(bucket(20), 6)).toBe(6);
      expect(await spend(bucket(10), 6)).toBe(0);
      await clock.advance(6_000);
      expect(await spend(bucket(10), 6)).toBe(1);
      expect(await spend(bucket(20))).toBe(8);
    });

    it('count a delivery that is under way under another margin until it has ended, and a window longer', async () => {
      const { admit, clock, settle, send } = scene(under);
      const [first] = (await admit(['a', 'b'], { marginMs: 400 })).map(claimOf);
      await clock.advance(900);
      await settle([{ id: 'a', token: first!.token, outcome: 'delivered' }], { marginMs: 0 });
      await clock.advance(999);
      expect(kinds(await send(['c'], { marginMs: 0 }))).toEqual(['wait']);
      await clock.advance(1);
      expect(kinds(await send(['c'], { marginMs: 0 }))).toEqual(['granted']);
      await clock.advance(LEASE_MS);
    });
  });
}
