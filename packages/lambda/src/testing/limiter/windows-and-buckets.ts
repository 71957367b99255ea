import { describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket } from '../../limiter/limits/limit.ts';
import { LEASE_MS, claimOf, kinds, numbered, scene, tenPerMinute, type LimiterUnderTest } from './scene.ts';

/** What limits allow, and when. */
export function describeWindowsAndBuckets(under: LimiterUnderTest): void {
  describe('windows', () => {
    it('grants a burst up to the limit and gives the rest a due time and a position', async () => {
      const { send, wait } = scene(under);
      const admissions = await send(numbered(13), { limits: tenPerMinute });
      expect(kinds(admissions)).toEqual([...Array<string>(10).fill('granted'), 'wait', 'wait', 'wait']);
      expect(admissions.slice(10)).toEqual([wait(60_000, 0), wait(60_000, 1), wait(60_000, 2)]);
    });

    it('frees a place exactly one window after it was taken, not a moment before', async () => {
      const { clock, send, sendOne, wait } = scene(under);
      await send(['a']);
      await clock.advance(400);
      await send(['b']);
      await clock.advance(599);
      expect(await sendOne('c')).toEqual(wait(1_000, 0));
      await clock.advance(1);
      expect((await sendOne('c')).kind).toBe('granted');
      expect(await sendOne('d')).toEqual(wait(1_400, 0));
    });

    it('books the whole backlog ahead, window after window', async () => {
      const { send, wait } = scene(under);
      const admissions = await send(numbered(7));
      expect(admissions.slice(2)).toEqual([
        wait(1_000, 0),
        wait(1_000, 1),
        wait(2_000, 2),
        wait(2_000, 3),
        wait(3_000, 4),
      ]);
    });

    it('keeps several windows at once', async () => {
      const { clock, send, wait } = scene(under);
      const limits = [
        slidingWindow({ limit: 2, windowMs: 1_000 }),
        slidingWindow({ limit: 3, windowMs: 10_000 }),
      ];
      expect(kinds(await send(['a', 'b'], { limits }))).toEqual(['granted', 'granted']);
      await clock.advance(1_000);
      expect(await send(['c', 'd'], { limits })).toMatchObject([{ kind: 'granted' }, wait(10_000, 0)]);
    });
  });

  describe('deliveries under way', () => {
    it('take their places until they end, however long that is', async () => {
      const { admit, admitOne, clock, settle, wait } = scene(under);
      const [first] = (await admit(['a', 'b'])).map(claimOf);
      await clock.advance(10_000);
      expect(await admitOne('c')).toEqual(wait(11_000, 0));
      await settle([{ id: 'a', token: first!.token, outcome: 'delivered' }]);
      await clock.advance(999);
      expect(await admitOne('c')).toEqual(wait(11_000, 0));
      await clock.advance(1);
      expect((await admitOne('c')).kind).toBe('granted');
    });

    it('let their window run from their end, whatever the outcome', async () => {
      const { admit, clock, settle, wait } = scene(under);
      const [a, b] = (await admit(['a', 'b'])).map(claimOf);
      await clock.advance(300);
      await settle([{ id: 'a', token: a!.token, outcome: 'retry', retryAfterMs: 60_000 }]);
      await clock.advance(200);
      await settle([{ id: 'b', token: b!.token, outcome: 'dead' }]);
      expect(await admit(['c', 'd', 'e'])).toEqual([wait(1_300, 0), wait(1_500, 1), wait(2_300, 2)]);
    });

    it('take their places for the window plus the margin when they end within it', async () => {
      const { admit, clock, settle, wait } = scene(under);
      const question = { marginMs: 100 };
      const [a, b] = (await admit(['a', 'b'], question)).map(claimOf);
      await clock.advance(100);
      await settle([{ id: 'a', token: a!.token, outcome: 'delivered' }], question);
      await clock.advance(1);
      await settle([{ id: 'b', token: b!.token, outcome: 'delivered' }], question);
      expect(await admit(['c', 'd'], question)).toEqual([wait(1_100, 0), wait(1_101, 1)]);
    });

    it('keep the rhythm of their places when these are used within the margin of becoming free', async () => {
      const { admit, clock, send, wait } = scene(under);
      const question = { marginMs: 100 };
      await send(['a', 'b'], question);
      await clock.advance(1_160);
      await send(['c'], question);
      await clock.advance(50);
      await send(['d'], question);
      expect(await admit(['e', 'f'], question)).toEqual([wait(2_200, 0), wait(2_310, 1)]);
    });

    it('count as ended when their lease runs out, whenever that is noticed', async () => {
      const { admit, admitOne, clock, wait } = scene(under);
      await admit(['lost-1', 'lost-2']);
      await clock.advance(LEASE_MS - 1);
      expect(await admitOne('c')).toEqual(wait(LEASE_MS + 999, 0));
      await clock.advance(1_000);
      expect(await admitOne('c')).toEqual(wait(LEASE_MS + 1_000, 0));
      await clock.advance(1);
      expect((await admitOne('c')).kind).toBe('granted');
    });
  });

  describe('buckets', () => {
    const bucket = [tokenBucket({ capacity: 2, refillPerMinute: 60 })];

    it('grants the capacity at once, then one message per refill interval', async () => {
      const { clock, send, sendOne, wait } = scene(under);
      expect((await send(['a', 'b', 'c', 'd'], { limits: bucket })).slice(2)).toEqual([
        wait(1_000, 0),
        wait(2_000, 1),
      ]);
      await clock.advance(999);
      expect((await sendOne('c', { limits: bucket })).kind).toBe('wait');
      await clock.advance(1);
      expect((await sendOne('c', { limits: bucket })).kind).toBe('granted');
    });

    it('fills up to its capacity and no further', async () => {
      const { clock, send } = scene(under);
      await send(['a', 'b'], { limits: bucket });
      await clock.advance(3_600_000);
      expect(kinds(await send(['c', 'd', 'e'], { limits: bucket }))).toEqual(['granted', 'granted', 'wait']);
    });

    it('charges every limit or none: a message that one refuses costs the others nothing', async () => {
      const { clock, send, sendOne, wait } = scene(under);
      const limits = [...bucket, slidingWindow({ limit: 3, windowMs: 5_000 })];
      expect(kinds(await send(['a', 'b', 'c'], { limits }))).toEqual(['granted', 'granted', 'wait']);
      await clock.advance(1_000);
      expect((await sendOne('c', { limits })).kind).toBe('granted');
      expect(await sendOne('d', { limits })).toEqual(wait(5_000, 0));
    });
  });
}
