import { describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket } from '../../limiter/limits/limit.ts';
import { PAUSE_HOLD_MS } from '../../limiter/operations.ts';
import { LEASE_MS, kinds, onePerSecond, scene, type LimiterUnderTest } from './scene.ts';

/** What operators ask. */
export function describeOperations(under: LimiterUnderTest): void {
  describe('for operators', () => {
    const nothing = {
      waiting: 0,
      delivering: 0,
      slotsFree: undefined,
      lastDueAtMs: undefined,
      heldUntilMs: undefined,
      paused: false,
    };

    it('tells how a key stands', async () => {
      const { admit, limiter, send, startMs } = scene(under);
      expect(await limiter.inspect('account-1')).toEqual(nothing);
      const limits = [
        slidingWindow({ limit: 3, windowMs: 1_000 }),
        tokenBucket({ capacity: 2, refillPerMinute: 60 }),
      ];
      await admit(['a'], { limits });
      expect(await limiter.inspect('account-1')).toEqual({ ...nothing, delivering: 1, slotsFree: 1 });
      await send(['b', 'c', 'd'], { limits });
      expect(await limiter.inspect('account-1')).toEqual({
        ...nothing,
        delivering: 1,
        slotsFree: 0,
        waiting: 2,
        lastDueAtMs: startMs + 2_000,
      });
      expect(await limiter.inspect('account-2')).toEqual(nothing);
    });

    it('tells until when an upstream holds a key', async () => {
      const { claim, clock, limiter, settle, startMs } = scene(under);
      const { token } = await claim('a');
      await settle([{ id: 'a', token, outcome: 'release', holdMs: 5_000 }]);
      expect(await limiter.inspect('account-1')).toEqual({
        ...nothing,
        slotsFree: 0,
        heldUntilMs: startMs + 5_000,
      });
      await clock.advance(5_000);
      expect(await limiter.inspect('account-1')).toEqual({ ...nothing, slotsFree: 2 });
    });

    it('tells where a message stands, all its way', async () => {
      const { claim, clock, limiter, send, settle, startMs } = scene(under);
      const find = () => limiter.find('account-1', 'm');
      expect(await find()).toEqual({ state: 'unknown' });
      await send(['a', 'b', 'c', 'm']);
      expect(await find()).toEqual({ state: 'waiting', attempts: 0, position: 1, dueAtMs: startMs + 1_000 });
      await clock.advance(1_000);
      const { token } = await claim('m');
      expect(await find()).toEqual({
        state: 'delivering',
        attempt: 1,
        leaseUntilMs: startMs + 1_000 + LEASE_MS,
      });
      await settle([{ id: 'm', token, outcome: 'retry', retryAfterMs: 500 }]);
      expect(await find()).toEqual({ state: 'retrying', attempts: 1, retryAtMs: startMs + 1_500 });
      await clock.advance(60_000);
      await send(['m']);
      expect(await find()).toEqual({ state: 'delivered' });
    });

    it('tells how often a message was tried that waits again', async () => {
      const { admit, claim, clock, limiter, settle } = scene(under);
      const question = { limits: onePerSecond };
      const failed = await claim('failed', question);
      await settle([{ id: 'failed', token: failed.token, outcome: 'retry', retryAfterMs: 0 }], question);
      await clock.advance(1_000);
      const refused = await claim('refused', question);
      await settle([{ id: 'refused', token: refused.token, outcome: 'release', holdMs: 0 }], question);
      await clock.advance(1_000);
      await claim('lost', question);
      await clock.advance(LEASE_MS);
      await admit(['failed', 'refused', 'lost', 'new'], question);
      const find = (id: string) => limiter.find('account-1', id);
      expect(await find('failed')).toMatchObject({ state: 'waiting', attempts: 1 });
      expect(await find('refused')).toMatchObject({ state: 'waiting', attempts: 0 });
      expect(await find('lost')).toMatchObject({ state: 'waiting', attempts: 1 });
      expect(await find('new')).toMatchObject({ state: 'waiting', attempts: 0 });
    });

    it('pauses a key until it may go on', async () => {
      const { admit, admitOne, clock, limiter, wait } = scene(under);
      await limiter.pause('account-1');
      expect(await admitOne('a')).toEqual(wait(PAUSE_HOLD_MS, 0));
      expect(await limiter.inspect('account-1')).toMatchObject({ paused: true, slotsFree: 0, waiting: 1 });
      expect(kinds(await admit(['a'], { key: 'account-2' }))).toEqual(['granted']);
      await clock.advance(7 * PAUSE_HOLD_MS);
      expect(await admitOne('a')).toEqual(wait(8 * PAUSE_HOLD_MS, 0));
      await limiter.resume('account-1');
      expect((await admitOne('a')).kind).toBe('granted');
    });

    it('cancels a message that waits, or that nobody has seen', async () => {
      const { admit, limiter, send, wait } = scene(under);
      await send(['a', 'b', 'c', 'd']);
      expect([await limiter.cancel('account-1', 'c'), await limiter.cancel('account-1', 'x')]).toEqual([
        true,
        true,
      ]);
      expect(await admit(['c', 'x', 'd'])).toEqual([
        { kind: 'settled', outcome: 'dead' },
        { kind: 'settled', outcome: 'dead' },
        wait(1_000, 0),
      ]);
    });

    it('does not cancel what is final or being delivered', async () => {
      const { claim, limiter, send } = scene(under);
      await send(['a']);
      await claim('b');
      expect([await limiter.cancel('account-1', 'a'), await limiter.cancel('account-1', 'b')]).toEqual([
        false,
        false,
      ]);
      expect(await limiter.find('account-1', 'a')).toEqual({ state: 'delivered' });
    });
  });
}
