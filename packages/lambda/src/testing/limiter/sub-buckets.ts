import { describe, expect, it } from 'vitest';
import { slidingWindow } from '../../limiter/limits/limit.ts';
import { claimOf, LEASE_MS, numbered, scene, type LimiterUnderTest } from './scene.ts';

/** Windows that count by sub-buckets: of 1,000 ms, each is 8.192 ms long. */
const limits = [slidingWindow({ limit: 3, windowMs: 1_000, exact: false })];

/** What windows allow that do not know every admission. */
export function describeSubBuckets(under: LimiterUnderTest): void {
  describe('windows of sub-buckets', () => {
    it('free a place one window after the end of its sub-bucket, not a moment before', async () => {
      const { clock, send, sendOne, wait } = scene(under);
      await clock.advance(3);
      await send(['a', 'b'], { limits });
      await clock.advance(17);
      await send(['c'], { limits });
      expect(await sendOne('d', { limits })).toEqual(wait(1_009, 0));
      await clock.advance(988);
      expect(await sendOne('d', { limits })).toEqual(wait(1_009, 0));
      await clock.advance(1);
      expect((await sendOne('d', { limits })).kind).toBe('granted');
    });

    it('free a place of the newest sub-bucket one window after the newest that it counts', async () => {
      const { clock, send, sendOne, wait } = scene(under);
      await clock.advance(3);
      expect(await send(numbered(4), { limits })).toMatchObject([
        { kind: 'granted' },
        { kind: 'granted' },
        { kind: 'granted' },
        wait(1_003, 0),
      ]);
      await clock.advance(1_000);
      expect((await sendOne('m-3', { limits })).kind).toBe('granted');
    });

    it('do not stop whoever asks for a short window, where a long one was asked for before', async () => {
      const { clock, sendOne } = scene(under);
      const perDay = [slidingWindow({ limit: 5, windowMs: 86_400_000, exact: false })];
      await clock.advance(60_000);
      expect((await sendOne('a', { limits: perDay })).kind).toBe('granted');
      await clock.advance(1_000);
      expect((await sendOne('b', { limits })).kind).toBe('granted');
    });

    it('book the backlog ahead, sub-bucket after sub-bucket', async () => {
      const { clock, send, wait } = scene(under);
      await send(['a', 'b'], { limits });
      await clock.advance(500);
      const admissions = await send(numbered(5), { limits });
      expect(admissions.slice(1)).toEqual([wait(1_000, 0), wait(1_000, 1), wait(1_500, 2), wait(2_000, 3)]);
    });

    it('take a place until its delivery ended', async () => {
      const { clock, admit, admitOne, settle, wait } = scene(under);
      const [first] = (await admit(['a', 'b', 'c'], { limits })).map(claimOf);
      await clock.advance(700);
      await settle([{ id: 'a', token: first!.token, outcome: 'delivered' }], { limits });
      await clock.advance(LEASE_MS);
      expect((await admitOne('d', { limits })).kind).toBe('granted');
      expect(await admit(['e', 'f'], { limits })).toEqual([wait(31_000, 0), wait(31_000, 1)]);
    });

    it('beside exact ones tell nobody to wait for now: what they count may seem newer than what is known one by one', async () => {
      const { clock, admit, settle } = scene(under);
      const both = [
        slidingWindow({ limit: 10, windowMs: 600_000, exact: false }),
        slidingWindow({ limit: 4, windowMs: 1_000, exact: true }),
      ];
      const dueAtMs = new Map(numbered(20).map((id) => [id, clock.nowMs()]));
      const toldNow: string[] = [];
      for (const atMs of [0, 1_000, 3_081, 600_000, 601_000, 602_081, 603_081, 606_277]) {
        await clock.advance(atMs - clock.monotonicMs());
        const due = [...dueAtMs].filter(([, ms]) => ms <= clock.nowMs()).map(([id]) => id);
        if (due.length === 0) continue;
        for (const [index, admission] of (await admit(due, { limits: both })).entries()) {
          const id = due[index]!;
          if (admission.kind === 'wait') {
            if (admission.dueAtMs <= clock.nowMs()) toldNow.push(id);
            dueAtMs.set(id, admission.dueAtMs);
          } else {
            await settle([{ id, token: claimOf(admission).token, outcome: 'delivered' }], { limits: both });
            dueAtMs.delete(id);
          }
        }
      }
      expect(toldNow).toEqual([]);
      expect([...dueAtMs]).toEqual([]);
    });

    it('hold far more than can be remembered one by one', async () => {
      const { clock, limiter, send } = scene(under);
      const many = [slidingWindow({ limit: 1_000_000, windowMs: 60_000 })];
      for (let call = 0; call < 5; call++) {
        await send(
          numbered(100).map((id) => `${call}-${id}`),
          { limits: many },
        );
        await clock.advance(700);
      }
      expect((await limiter.inspect('account-1')).slotsFree).toBe(1_000_000 - 500);
    });
  });
}
