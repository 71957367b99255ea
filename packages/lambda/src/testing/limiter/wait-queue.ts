import { describe, expect, it } from 'vitest';
import { WAITER_GRACE_MS } from '../../limiter/limiter.ts';
import { slidingWindow } from '../../limiter/limits/limit.ts';
import {
  costing,
  high,
  kinds,
  low,
  medium,
  numbered,
  scene,
  tenPerMinute,
  onePerSecond,
  type LimiterUnderTest,
} from './scene.ts';

/** Who goes first. */
export function describeLine(under: LimiterUnderTest): void {
  describe('the line', () => {
    it('lets the more urgent go first, whoever asked first', async () => {
      const { send, wait } = scene(under);
      const admissions = await send([low('l'), medium('m'), high('h')], { limits: onePerSecond });
      expect(admissions).toMatchObject([wait(2_000, 1), wait(1_000, 0), { kind: 'granted' }]);
    });

    it('puts an urgent newcomer ahead of those who wait, and tells them their new due time', async () => {
      const { send, wait } = scene(under);
      await send(['a', 'b', low('l1'), low('l2')]);
      expect(await send([high('h')])).toEqual([wait(1_000, 0)]);
      expect(await send([low('l1'), low('l2')])).toEqual([wait(1_000, 1), wait(2_000, 2)]);
    });

    it('does not let a newcomer take the place of one who waits', async () => {
      const { clock, send, sendOne } = scene(under);
      await send(['a', 'b', 'c']);
      await clock.advance(1_000);
      expect(kinds(await send(['new-1', 'new-2']))).toEqual(['granted', 'wait']);
      expect((await sendOne('c')).kind).toBe('granted');
    });

    it('gives a newcomer a free place that no waiter claims, and only that', async () => {
      const { clock, send } = scene(under);
      await send(['a', 'b', 'waiter']);
      await clock.advance(1_000);
      expect(kinds(await send(['newcomer']))).toEqual(['granted']);
      expect(kinds(await send(['another']))).toEqual(['wait']);
      expect(kinds(await send(['waiter']))).toEqual(['granted']);
    });

    it('gives a free place to an early waiter only if fewer stand ahead than places are free', async () => {
      const { clock, send, sendOne, wait } = scene(under);
      await send(['a', 'b', 'c', 'd', 'e']);
      await clock.advance(1_000);
      expect(await sendOne('e')).toEqual(wait(2_000, 2));
    });

    it('wastes no place on a late riser: whoever of the same priority was woken on time takes it', async () => {
      const { clock, send, wait } = scene(under);
      await send(['a', 'b', 'late-1', 'late-2', 'c', 'd']);
      await clock.advance(2_000);
      expect(kinds(await send(['c', 'd']))).toEqual(['granted', 'granted']);
      expect(await send(['late-1', 'late-2'])).toEqual([wait(3_000, 0), wait(3_000, 1)]);
    });

    it('lets nobody overtake whose due time is out of date, since more urgent ones came after it was told', async () => {
      const { clock, send, wait } = scene(under);
      await send(['a', 'b', 'late-1', 'late-2', 'c', 'd']);
      expect(await send(['e'])).toEqual([wait(3_000, 4)]);
      await send([high('h1'), high('h2'), high('h3'), high('h4')]);
      await clock.advance(1_000);
      await send([high('h1'), high('h2'), 'late-1', 'late-2', 'c', 'd']);
      await clock.advance(1_000);
      await send([high('h3'), high('h4')]);
      await clock.advance(1_000);
      expect(await send(['e'])).toEqual([wait(5_000, 4)]);
      expect(kinds(await send(['late-1', 'late-2']))).toEqual(['granted', 'granted']);
    });

    it('keeps a free place for a more urgent waiter, even from one that was woken on time', async () => {
      const { clock, send, wait } = scene(under);
      await send(['a', 'b', low('l')]);
      await send([high('h1'), high('h2')]);
      await clock.advance(1_000);
      expect(await send([low('l')])).toEqual([wait(2_000, 2)]);
      expect(kinds(await send([high('h1'), high('h2')]))).toEqual(['granted', 'granted']);
    });

    it('asks about waiters in line order, whatever the order of the question', async () => {
      const { clock, send } = scene(under);
      await send(['a', 'b', 'c', 'd', 'e']);
      await clock.advance(1_000);
      expect(kinds(await send(['e', 'd', 'c']))).toEqual(['wait', 'granted', 'granted']);
    });

    it('keeps a free place for those in line no longer than the grace time', async () => {
      const { clock, send, wait } = scene(under);
      await send(['a', 'b', 'ghost-1', 'ghost-2']);
      await clock.advance(1_000 + WAITER_GRACE_MS - 1);
      expect(await send(['new'])).toEqual([wait(2_000 + WAITER_GRACE_MS - 1, 2)]);
      await clock.advance(1);
      expect(kinds(await send(['newer-1', 'newer-2', 'newer-3']))).toEqual(['granted', 'granted', 'wait']);
    });

    it('tells nobody to come later than that while a place is free', async () => {
      const { clock, send, wait } = scene(under);
      await send(numbered(40), { limits: tenPerMinute });
      await clock.advance(70_000);
      expect(await send(['newcomer'], { limits: tenPerMinute })).toEqual([
        wait(60_000 + WAITER_GRACE_MS, 30),
      ]);
      // Woken a little early, it is told the same again.
      await clock.advance(WAITER_GRACE_MS - 12_000);
      expect(await send(['newcomer'], { limits: tenPerMinute })).toEqual([
        wait(60_000 + WAITER_GRACE_MS, 30),
      ]);
      await clock.advance(2_000);
      expect(kinds(await send(['newcomer'], { limits: tenPerMinute }))).toEqual(['granted']);
    });

    it('keeps nobody waiting for a message that needs several places and is not next', async () => {
      const { clock, send, wait } = scene(under);
      await send([...numbered(90), costing(2, 'large')], { limits: tenPerMinute });
      await clock.advance(90_000);
      expect(await send(['newcomer'], { limits: tenPerMinute })).toEqual([
        wait(60_000 + WAITER_GRACE_MS, 82),
      ]);
      await clock.advance(30_000);
      expect(kinds(await send(['newcomer'], { limits: tenPerMinute }))).toEqual(['granted']);
    });

    it('lets nobody else have the places that gather for a message that needs several and is next', async () => {
      const { clock, send } = scene(under);
      const limits = [slidingWindow({ limit: 2, windowMs: WAITER_GRACE_MS })];
      await send(['a'], { limits });
      await clock.advance(WAITER_GRACE_MS / 2);
      await send(['b', costing(2, 'large')], { limits });
      await clock.advance(WAITER_GRACE_MS);
      expect(kinds(await send(['newcomer'], { limits }))).toEqual(['wait']);
    });

    it('forgets a waiter that does not come back within the grace time', async () => {
      const { clock, limiter, send } = scene(under);
      await send(['a', 'b', 'ghost-1', 'ghost-2', 'comes']);
      await clock.advance(2_000);
      await send(['comes']);
      await clock.advance(WAITER_GRACE_MS - 1_000);
      await send(['probe']);
      expect((await limiter.find('account-1', 'ghost-1')).state).toBe('waiting');
      await clock.advance(1);
      await send(['any']);
      expect((await limiter.find('account-1', 'ghost-1')).state).toBe('unknown');
    });

    it('is given up when its head does not come and nobody else has since, however long it is', async () => {
      const { clock, limiter, send } = scene(under);
      for (let batch = 0; batch < 7; batch++) {
        await send(
          numbered(100).map((id) => `${batch}-${id}`),
          { limits: tenPerMinute },
        );
      }
      expect((await limiter.inspect('account-1')).waiting).toBe(690);
      await clock.advance(60_000 + WAITER_GRACE_MS + 1);
      const newcomers = numbered(12);
      expect(kinds(await send(newcomers, { limits: tenPerMinute }))).toEqual([
        ...Array<string>(10).fill('granted'),
        'wait',
        'wait',
      ]);
      expect(await limiter.inspect('account-1')).toMatchObject({ waiting: 2 });
      await clock.advance(60_000);
      expect(kinds(await send(['m-10', 'm-11'], { limits: tenPerMinute }))).toEqual(['granted', 'granted']);
    });

    it('is given up although newcomers come all the time, if they only come for places that are free', async () => {
      const { clock, limiter, send } = scene(under);
      await send(numbered(100), { limits: tenPerMinute });
      await clock.advance(61_000);
      let longest = 0;
      for (let newcomer = 0; newcomer < 40; newcomer++) {
        const startMs = clock.nowMs();
        for (;;) {
          const [answer] = await send([`new-${newcomer}`], { limits: tenPerMinute });
          if (answer!.kind !== 'wait') break;
          await clock.advance(Math.max(1_000, answer!.dueAtMs - clock.nowMs() - 1_500));
        }
        longest = Math.max(longest, clock.nowMs() - startMs);
        await clock.advance(10_000);
      }
      expect(longest).toBeLessThanOrEqual(60_000 + WAITER_GRACE_MS);
      expect((await limiter.inspect('account-1')).waiting).toBe(0);
    });

    it('keeps no place from whoever comes while all of it sleeps for longer than the grace time: more is allowed now', async () => {
      const { clock, send } = scene(under);
      await send(numbered(30), { limits: [slidingWindow({ limit: 1, windowMs: 3_600_000 })] });
      await clock.advance(1_000);
      expect(kinds(await send(['x', 'y'], { limits: tenPerMinute }))).toEqual(['granted', 'granted']);
    });

    it('stays while any of it comes', async () => {
      const { clock, limiter, send } = scene(under);
      await send(numbered(40), { limits: tenPerMinute });
      await clock.advance(2 * 60_000);
      expect(kinds(await send(['m-25'], { limits: tenPerMinute }))).toEqual(['granted']);
      await clock.advance(1);
      await send(['newcomer'], { limits: tenPerMinute });
      expect((await limiter.inspect('account-1')).waiting).toBeGreaterThan(18);
    });

    it('lets a waiter that has lost its place line up anew', async () => {
      const { clock, send } = scene(under);
      await send(numbered(30), { limits: tenPerMinute });
      await clock.advance(60_000 + WAITER_GRACE_MS + 1);
      await send(['newcomer'], { limits: tenPerMinute });
      expect(kinds(await send(['m-10', 'm-29'], { limits: tenPerMinute }))).toEqual(['granted', 'granted']);
    });

    it('keeps the place of a waiter that comes back late itself', async () => {
      const { clock, send } = scene(under);
      await send(['a', 'b', 'late', 'other']);
      await clock.advance(10 * WAITER_GRACE_MS);
      expect(kinds(await send(['late']))).toEqual(['granted']);
    });

    it('keeps keys apart', async () => {
      const { send } = scene(under);
      await send(['a', 'b', 'c']);
      expect(kinds(await send(['a', 'b'], { key: 'account-2' }))).toEqual(['granted', 'granted']);
    });

    it('accepts hostile keys and ids', async () => {
      const { send } = scene(under);
      const names = [
        '__proto__',
        'constructor',
        '{',
        '}',
        '{}',
        '%7B',
        ':',
        '*',
        "'",
        '"',
        'é'.normalize('NFD'),
        '\\',
      ];
      for (const key of names) {
        expect(kinds(await send(names, { limits: tenPerMinute, key }))).toEqual([
          ...Array<string>(10).fill('granted'),
          'wait',
          'wait',
        ]);
      }
    });
  });
}
