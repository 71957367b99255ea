import { describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket } from '../../limiter/limits/limit.ts';
import { WAITER_GRACE_MS } from '../../limiter/limiter.ts';
import { claimOf, costing, kinds, scene, tenPerMinute, type LimiterUnderTest } from './scene.ts';

const limits = [slidingWindow({ limit: 4, windowMs: 1_000 })];

/** What messages may do that count more than once. */
export function describeCosts(under: LimiterUnderTest): void {
  describe('costs', () => {
    it('take so many places of a window', async () => {
      const { send, wait } = scene(under);
      expect(await send([costing(3, 'a'), costing(2, 'b'), 'c'], { limits })).toMatchObject([
        { kind: 'granted' },
        wait(1_000, 0),
        wait(1_000, 2),
      ]);
    });

    it('take so many tokens of a bucket', async () => {
      const { clock, send, sendOne, wait } = scene(under);
      const bucket = [tokenBucket({ capacity: 4, refillPerMinute: 60 })];
      await send([costing(3, 'a')], { limits: bucket });
      expect(await send([costing(2, 'b')], { limits: bucket })).toEqual([wait(1_000, 0)]);
      await clock.advance(1_000);
      expect(kinds(await send([costing(2, 'b')], { limits: bucket }))).toEqual(['granted']);
      expect(await sendOne('c', { limits: bucket })).toEqual(wait(2_000, 0));
    });

    it('are paid by all limits or none', async () => {
      const { limiter, send } = scene(under);
      const both = [...limits, tokenBucket({ capacity: 2, refillPerMinute: 60 })];
      expect(kinds(await send([costing(3, 'a')], { limits: both }))).toEqual(['wait']);
      expect((await limiter.inspect('account-1')).slotsFree).toBe(2);
    });

    it('are told from messages where waiters are counted', async () => {
      const { limiter, send } = scene(under);
      await send([costing(4, 'a'), costing(3, 'b'), 'c'], { limits });
      expect(await limiter.inspect('account-1')).toMatchObject({ waiting: 2 });
      expect(await limiter.find('account-1', 'c')).toMatchObject({ position: 3 });
    });

    it('keep their places until the delivery ended', async () => {
      const { clock, admit, admitOne, settle, wait } = scene(under);
      const [a] = (await admit([costing(3, 'a')], { limits })).map(claimOf);
      await clock.advance(500);
      await settle([{ id: 'a', token: a!.token, outcome: 'delivered' }], { limits });
      await clock.advance(600);
      expect(await admit(['b', 'c'], { limits })).toMatchObject([{ kind: 'granted' }, wait(1_500, 0)]);
      await clock.advance(400);
      expect((await admitOne('c', { limits })).kind).toBe('granted');
    });

    it('do not starve: what is cheaper does not overtake while one waits that costs more', async () => {
      const { clock, send } = scene(under);
      await send(['a', 'b', 'c', 'd', costing(4, 'large'), 'small'], { limits });
      await clock.advance(2_000);
      expect(kinds(await send(['small'], { limits }))).toEqual(['wait']);
      expect(kinds(await send([costing(4, 'large')], { limits }))).toEqual(['granted']);
    });

    it('are forgotten with a waiter that does not come back, all of them', async () => {
      const { clock, send } = scene(under);
      await send([costing(10, 'a'), costing(5, 'ghost')], { limits: tenPerMinute });
      await clock.advance(60_000 + WAITER_GRACE_MS + 1);
      expect(kinds(await send([costing(10, 'b')], { limits: tenPerMinute }))).toEqual(['granted']);
    });

    it('may be as large as they can be, for many messages at once', async () => {
      const { limiter, send } = scene(under);
      const large = [slidingWindow({ limit: 10_000, windowMs: 60_000 })];
      const messages = Array.from({ length: 12 }, (_, index) => costing(1_000, `m-${index}`));
      const admissions = kinds(await send(messages, { limits: large }));
      expect(admissions).toEqual([...Array<string>(10).fill('granted'), 'wait', 'wait']);
      expect(await limiter.inspect('account-1')).toMatchObject({ waiting: 2, slotsFree: 0, delivering: 0 });
    });

    it('leave the line with a message that is cancelled', async () => {
      const { limiter, send, wait } = scene(under);
      await send([costing(4, 'a'), costing(4, 'b')], { limits });
      await limiter.cancel('account-1', 'b');
      expect(await send(['c'], { limits })).toEqual([wait(1_000, 0)]);
    });
  });
}
