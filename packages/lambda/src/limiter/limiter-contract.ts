import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import type { Priority } from '@huntaze/rate-limiter-client/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket, type Limit } from '../limits/limit.ts';
import { PAUSE_HOLD_MS, type LimiterOperations } from './operations.ts';
import {
  WAITER_GRACE_MS,
  type Admission,
  type Candidate,
  type Claim,
  type Limiter,
  type Settlement,
} from './limiter.ts';

export interface LimiterUnderTest {
  /** A limiter that takes the time from `clock` and knows no key yet. */
  make(clock: FakeClock): Limiter & LimiterOperations;
}

const LEASE_MS = 30_000;
const tenPerMinute = [slidingWindow({ limit: 10, windowMs: 60_000 })];
const onePerSecond = [slidingWindow({ limit: 1, windowMs: 1_000 })];
const twoPerSecond = [slidingWindow({ limit: 2, windowMs: 1_000 })];

/** What every limiter must do. Time stands still unless a test moves it, so every number is exact. */
export function describeLimiterContract(name: string, { make }: LimiterUnderTest): void {
  describe(`${name} limiter`, () => {
    let clock: FakeClock;
    let limiter: Limiter & LimiterOperations;
    let startMs: number;
    let marginMs: number;

    beforeEach(() => {
      clock = fakeClock();
      limiter = make(clock);
      startMs = clock.nowMs();
      marginMs = 0;
    });

    const admit = (
      candidates: readonly (string | Candidate)[],
      limits: readonly Limit[] = twoPerSecond,
      key = 'account-1',
    ) =>
      limiter.admit({
        key,
        limits,
        candidates: candidates.map((one) =>
          typeof one === 'string' ? { id: one, priority: 'medium' } : one,
        ),
        leaseMs: LEASE_MS,
        marginMs,
      });
    const settle = (
      settlements: readonly Settlement[],
      limits: readonly Limit[] = twoPerSecond,
      key = 'account-1',
    ) => limiter.settle({ key, limits, marginMs, settlements });
    const renew = (claims: readonly Pick<Claim, 'id' | 'token'>[]) =>
      limiter.renew({ key: 'account-1', claims, leaseMs: LEASE_MS, marginMs });
    /** Admits, and delivers at once what was granted. */
    const send = async (
      candidates: readonly (string | Candidate)[],
      limits: readonly Limit[] = twoPerSecond,
      key = 'account-1',
    ) => {
      const admissions = await admit(candidates, limits, key);
      const claims = admissions.flatMap((admission) =>
        admission.kind === 'granted' ? [admission.claim] : [],
      );
      const delivered = claims.map(({ id, token }) => ({ id, token, outcome: 'delivered' }) as const);
      if (delivered.length > 0) await settle(delivered, limits, key);
      return admissions;
    };
    const admitOne = async (id: string, limits?: readonly Limit[]) => (await admit([id], limits))[0]!;
    const sendOne = async (id: string, limits?: readonly Limit[]) => (await send([id], limits))[0]!;
    const claim = async (id: string, limits?: readonly Limit[]): Promise<Claim> =>
      claimOf(await admitOne(id, limits));
    const wait = (dueInMs: number, position: number): Admission => ({
      kind: 'wait',
      dueAtMs: startMs + dueInMs,
      position,
    });

    describe('windows', () => {
      it('grants a burst up to the limit and gives the rest a due time and a position', async () => {
        const admissions = await send(numbered(13), tenPerMinute);
        expect(kinds(admissions)).toEqual([...Array<string>(10).fill('granted'), 'wait', 'wait', 'wait']);
        expect(admissions.slice(10)).toEqual([wait(60_000, 0), wait(60_000, 1), wait(60_000, 2)]);
      });

      it('frees a place exactly one window after it was taken, not a moment before', async () => {
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
        const limits = [
          slidingWindow({ limit: 2, windowMs: 1_000 }),
          slidingWindow({ limit: 3, windowMs: 10_000 }),
        ];
        expect(kinds(await send(['a', 'b'], limits))).toEqual(['granted', 'granted']);
        await clock.advance(1_000);
        expect(await send(['c', 'd'], limits)).toMatchObject([{ kind: 'granted' }, wait(10_000, 0)]);
      });
    });

    describe('deliveries under way', () => {
      it('take their places until they end, however long that is', async () => {
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
        const [a, b] = (await admit(['a', 'b'])).map(claimOf);
        await clock.advance(300);
        await settle([{ id: 'a', token: a!.token, outcome: 'retry', retryAfterMs: 60_000 }]);
        await clock.advance(200);
        await settle([{ id: 'b', token: b!.token, outcome: 'dead' }]);
        expect(await admit(['c', 'd', 'e'])).toEqual([wait(1_300, 0), wait(1_500, 1), wait(2_300, 2)]);
      });

      it('take their places for the window plus the margin when they end within it', async () => {
        marginMs = 100;
        const [a, b] = (await admit(['a', 'b'])).map(claimOf);
        await clock.advance(100);
        await settle([{ id: 'a', token: a!.token, outcome: 'delivered' }]);
        await clock.advance(1);
        await settle([{ id: 'b', token: b!.token, outcome: 'delivered' }]);
        expect(await admit(['c', 'd'])).toEqual([wait(1_100, 0), wait(1_101, 1)]);
      });

      it('keep the rhythm of their places when these are used within the margin of becoming free', async () => {
        marginMs = 100;
        await send(['a', 'b']);
        await clock.advance(1_160);
        await send(['c']);
        await clock.advance(50);
        await send(['d']);
        expect(await admit(['e', 'f'])).toEqual([wait(2_200, 0), wait(2_310, 1)]);
      });

      it('count as ended when their lease runs out, whenever that is noticed', async () => {
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
        expect((await send(['a', 'b', 'c', 'd'], bucket)).slice(2)).toEqual([wait(1_000, 0), wait(2_000, 1)]);
        await clock.advance(999);
        expect((await sendOne('c', bucket)).kind).toBe('wait');
        await clock.advance(1);
        expect((await sendOne('c', bucket)).kind).toBe('granted');
      });

      it('fills up to its capacity and no further', async () => {
        await send(['a', 'b'], bucket);
        await clock.advance(3_600_000);
        expect(kinds(await send(['c', 'd', 'e'], bucket))).toEqual(['granted', 'granted', 'wait']);
      });

      it('charges every limit or none: a message that one refuses costs the others nothing', async () => {
        const limits = [...bucket, slidingWindow({ limit: 3, windowMs: 5_000 })];
        expect(kinds(await send(['a', 'b', 'c'], limits))).toEqual(['granted', 'granted', 'wait']);
        await clock.advance(1_000);
        expect((await sendOne('c', limits)).kind).toBe('granted');
        expect(await sendOne('d', limits)).toEqual(wait(5_000, 0));
      });
    });

    describe('the line', () => {
      it('lets the more urgent go first, whoever asked first', async () => {
        const admissions = await send(
          [low('l'), medium('m'), high('h')],
          [slidingWindow({ limit: 1, windowMs: 1_000 })],
        );
        expect(admissions).toMatchObject([wait(2_000, 1), wait(1_000, 0), { kind: 'granted' }]);
      });

      it('puts an urgent newcomer ahead of those who wait, and tells them their new due time', async () => {
        await send(['a', 'b', low('l1'), low('l2')]);
        expect(await send([high('h')])).toEqual([wait(1_000, 0)]);
        expect(await send([low('l1'), low('l2')])).toEqual([wait(1_000, 1), wait(2_000, 2)]);
      });

      it('does not let a newcomer take the place of one who waits', async () => {
        await send(['a', 'b', 'c']);
        await clock.advance(1_000);
        expect(kinds(await send(['new-1', 'new-2']))).toEqual(['granted', 'wait']);
        expect((await sendOne('c')).kind).toBe('granted');
      });

      it('gives a newcomer a free place that no waiter claims, and only that', async () => {
        await send(['a', 'b', 'waiter']);
        await clock.advance(1_000);
        expect(kinds(await send(['newcomer']))).toEqual(['granted']);
        expect(kinds(await send(['another']))).toEqual(['wait']);
        expect(kinds(await send(['waiter']))).toEqual(['granted']);
      });

      it('gives a free place to an early waiter only if fewer stand ahead than places are free', async () => {
        await send(['a', 'b', 'c', 'd', 'e']);
        await clock.advance(1_000);
        expect(await sendOne('e')).toEqual(wait(2_000, 2));
      });

      it('wastes no place on a late riser: whoever of the same priority was woken on time takes it', async () => {
        await send(['a', 'b', 'late-1', 'late-2', 'c', 'd']);
        await clock.advance(2_000);
        expect(kinds(await send(['c', 'd']))).toEqual(['granted', 'granted']);
        expect(await send(['late-1', 'late-2'])).toEqual([wait(3_000, 0), wait(3_000, 1)]);
      });

      it('keeps a free place for a more urgent waiter, even from one that was woken on time', async () => {
        await send(['a', 'b', low('l')]);
        await send([high('h1'), high('h2')]);
        await clock.advance(1_000);
        expect(await send([low('l')])).toEqual([wait(2_000, 2)]);
        expect(kinds(await send([high('h1'), high('h2')]))).toEqual(['granted', 'granted']);
      });

      it('asks about waiters in line order, whatever the order of the question', async () => {
        await send(['a', 'b', 'c', 'd', 'e']);
        await clock.advance(1_000);
        expect(kinds(await send(['e', 'd', 'c']))).toEqual(['wait', 'granted', 'granted']);
      });

      it('forgets a waiter that does not come back within the grace time', async () => {
        await send(['a', 'b', 'ghost-1', 'ghost-2']);
        await clock.advance(1_000 + WAITER_GRACE_MS);
        expect(kinds(await send(['new-1', 'new-2']))).toEqual(['wait', 'wait']);
        await clock.advance(1);
        expect(kinds(await send(['newer-1', 'newer-2', 'newer-3', 'newer-4']))).toEqual([
          'wait',
          'wait',
          'wait',
          'wait',
        ]);
        expect(await send(['new-1', 'new-2'])).toMatchObject([{ kind: 'granted' }, { kind: 'granted' }]);
      });

      it('keeps the place of a waiter that comes back late itself', async () => {
        await send(['a', 'b', 'late', 'other']);
        await clock.advance(10 * WAITER_GRACE_MS);
        expect(kinds(await send(['late']))).toEqual(['granted']);
      });

      it('keeps keys apart', async () => {
        await send(['a', 'b', 'c']);
        expect(kinds(await send(['a', 'b'], twoPerSecond, 'account-2'))).toEqual(['granted', 'granted']);
      });

      it('accepts hostile keys and ids', async () => {
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
          expect(kinds(await send(names, tenPerMinute, key))).toEqual([
            ...Array<string>(10).fill('granted'),
            'wait',
            'wait',
          ]);
        }
      });
    });

    describe('claims', () => {
      it('answers a duplicate with the end of the lease while the message is being delivered', async () => {
        await claim('a');
        await clock.advance(10);
        expect(await admitOne('a')).toEqual({ kind: 'busy', retryAtMs: startMs + LEASE_MS });
        expect((await admitOne('b')).kind).toBe('granted');
      });

      it.each(['delivered', 'dead'] as const)(
        'answers a duplicate of a %s message without charging a place',
        async (outcome) => {
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
        const first = await claim('a');
        await clock.advance(LEASE_MS);
        const second = await claim('a');
        expect([first.attempt, second.attempt]).toEqual([1, 2]);
        expect(second.token).toBeGreaterThan(first.token);
      });

      it('tells a takeover from an attempt that follows a recorded one', async () => {
        const first = await claim('a');
        await clock.advance(LEASE_MS);
        const second = await claim('a');
        await settle([{ id: 'a', token: second.token, outcome: 'retry', retryAfterMs: 5_000 }]);
        await clock.advance(5_000);
        const third = await claim('a');
        expect([first, second, third].map(({ takeover }) => takeover)).toEqual([false, true, false]);
      });

      it('still tells a takeover after a claim in which nothing was attempted', async () => {
        await claim('a', tenPerMinute);
        await clock.advance(LEASE_MS);
        const { token } = await claim('a', tenPerMinute);
        await settle([{ id: 'a', token, outcome: 'release', holdMs: 0 }], tenPerMinute);
        expect(await claim('a', tenPerMinute)).toMatchObject({ attempt: 2, takeover: true });
      });

      it('prolongs a claim from now on', async () => {
        const { token } = await claim('a');
        await clock.advance(LEASE_MS - 1);
        expect(await renew([{ id: 'a', token }])).toEqual([true]);
        await clock.advance(LEASE_MS - 1);
        expect(await admitOne('a')).toEqual({ kind: 'busy', retryAtMs: startMs + 2 * LEASE_MS - 1 });
        await clock.advance(1);
        expect((await claim('a')).attempt).toBe(2);
      });

      it('takes the place of a prolonged claim until it ends', async () => {
        const { token } = await claim('a', onePerSecond);
        await clock.advance(LEASE_MS - 1);
        await renew([{ id: 'a', token }]);
        await clock.advance(10_000);
        expect(await admitOne('b', onePerSecond)).toEqual(wait(LEASE_MS + 10_999, 0));
        await settle([{ id: 'a', token, outcome: 'delivered' }], onePerSecond);
        await clock.advance(1_000);
        expect((await admitOne('b', onePerSecond)).kind).toBe('granted');
      });

      it('prolongs even a claim whose lease has ended, as long as nobody took over', async () => {
        const { token } = await claim('a', onePerSecond);
        await clock.advance(LEASE_MS + 500);
        await admitOne('b', onePerSecond);
        expect(await renew([{ id: 'a', token }])).toEqual([true]);
        await clock.advance(5_000);
        expect(await admitOne('b', onePerSecond)).toEqual(wait(LEASE_MS + 6_500, 0));
      });

      it('does not prolong what was taken over, settled or never claimed', async () => {
        const first = await claim('a');
        await clock.advance(LEASE_MS);
        const second = await claim('a');
        expect(await renew([first, { id: 'x', token: 1 }, second])).toEqual([false, false, true]);
        await settle([{ id: 'a', token: second.token, outcome: 'delivered' }]);
        expect(await renew([second])).toEqual([false]);
        expect(await limiter.renew({ key: 'account-9', claims: [first], leaseMs: 1, marginMs })).toEqual([
          false,
        ]);
      });

      it('refuses to settle with an old token, and changes nothing', async () => {
        const first = await claim('a');
        await clock.advance(LEASE_MS);
        const second = await claim('a');
        expect(await settle([{ id: 'a', token: first.token, outcome: 'delivered' }])).toEqual([false]);
        expect((await admitOne('a')).kind).toBe('busy');
        expect(await settle([{ id: 'a', token: second.token, outcome: 'delivered' }])).toEqual([true]);
      });

      it('settles late when nobody took over, once', async () => {
        const { token } = await claim('a');
        await clock.advance(2 * LEASE_MS);
        const late = [{ id: 'a', token, outcome: 'delivered' }] as const;
        expect(await settle(late)).toEqual([true]);
        expect(await settle(late)).toEqual([false]);
      });

      it('refuses to settle what was never claimed', async () => {
        expect(await settle([{ id: 'a', token: 1, outcome: 'dead' }])).toEqual([false]);
      });

      it('settles many in one step, each on its own', async () => {
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
        const admissions = await admit(numbered(10), tenPerMinute);
        const tokens = admissions.map((admission) => claimOf(admission).token);
        expect(tokens).toEqual([...new Set(tokens)].toSorted((a, b) => a - b));
      });
    });

    describe('failed attempts', () => {
      it('keeps a failed message away until its backoff ends, then counts the next attempt', async () => {
        const { token } = await claim('a');
        await settle([{ id: 'a', token, outcome: 'retry', retryAfterMs: 5_000 }]);
        expect(await admitOne('a')).toEqual({ kind: 'busy', retryAtMs: startMs + 5_000 });
        await clock.advance(5_000);
        expect((await claim('a')).attempt).toBe(2);
      });

      it('gives a failed message its old place in line', async () => {
        const { token } = await claim('a');
        await admit(['b', 'c', 'd', 'e']);
        await settle([{ id: 'a', token, outcome: 'retry', retryAfterMs: 500 }]);
        await clock.advance(500);
        expect(await admitOne('a')).toEqual(wait(1_000, 0));
      });

      it('holds the whole key when the upstream asks for silence, and counts no attempt', async () => {
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
        const [a, b] = (await admit(['a', 'b'])).map(claimOf);
        await settle([{ id: 'a', token: a!.token, outcome: 'release', holdMs: 20_000 }]);
        await settle([{ id: 'b', token: b!.token, outcome: 'release', holdMs: 10 }]);
        expect(await admitOne('c')).toEqual(wait(20_000, 0));
      });

      it('holds only its own key', async () => {
        const { token } = await claim('a');
        await settle([{ id: 'a', token, outcome: 'release', holdMs: 90_000 }]);
        expect(kinds(await admit(['a'], twoPerSecond, 'account-2'))).toEqual(['granted']);
      });
    });

    describe('for operators', () => {
      const nothing = {
        waiting: 0,
        delivering: 0,
        placesFree: undefined,
        lastDueAtMs: undefined,
        heldUntilMs: undefined,
        paused: false,
      };

      it('tells how a key stands', async () => {
        expect(await limiter.inspect('account-1')).toEqual(nothing);
        const limits = [
          slidingWindow({ limit: 3, windowMs: 1_000 }),
          tokenBucket({ capacity: 2, refillPerMinute: 60 }),
        ];
        await admit(['a'], limits);
        expect(await limiter.inspect('account-1')).toEqual({ ...nothing, delivering: 1, placesFree: 1 });
        await send(['b', 'c', 'd'], limits);
        expect(await limiter.inspect('account-1')).toEqual({
          ...nothing,
          delivering: 1,
          placesFree: 0,
          waiting: 2,
          lastDueAtMs: startMs + 2_000,
        });
        expect(await limiter.inspect('account-2')).toEqual(nothing);
      });

      it('tells until when an upstream holds a key', async () => {
        const { token } = await claim('a');
        await settle([{ id: 'a', token, outcome: 'release', holdMs: 5_000 }]);
        expect(await limiter.inspect('account-1')).toEqual({
          ...nothing,
          placesFree: 0,
          heldUntilMs: startMs + 5_000,
        });
        await clock.advance(5_000);
        expect(await limiter.inspect('account-1')).toEqual({ ...nothing, placesFree: 2 });
      });

      it('tells where a message stands, all its way', async () => {
        const find = () => limiter.find('account-1', 'm');
        expect(await find()).toEqual({ state: 'unknown' });
        await send(['a', 'b', 'c', 'm']);
        expect(await find()).toEqual({ state: 'waiting', position: 1, dueAtMs: startMs + 1_000 });
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

      it('pauses a key until it may go on', async () => {
        await limiter.pause('account-1');
        expect(await admitOne('a')).toEqual(wait(PAUSE_HOLD_MS, 0));
        expect(await limiter.inspect('account-1')).toMatchObject({ paused: true, placesFree: 0, waiting: 1 });
        expect(kinds(await admit(['a'], twoPerSecond, 'account-2'))).toEqual(['granted']);
        await clock.advance(7 * PAUSE_HOLD_MS);
        expect(await admitOne('a')).toEqual(wait(8 * PAUSE_HOLD_MS, 0));
        await limiter.resume('account-1');
        expect((await admitOne('a')).kind).toBe('granted');
      });

      it('cancels a message that waits, or that nobody has seen', async () => {
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
        await send(['a']);
        await claim('b');
        expect([await limiter.cancel('account-1', 'a'), await limiter.cancel('account-1', 'b')]).toEqual([
          false,
          false,
        ]);
        expect(await limiter.find('account-1', 'a')).toEqual({ state: 'delivered' });
      });
    });

    describe('a clock that steps back', () => {
      it('does not loosen limits', async () => {
        await send(['a', 'b']);
        await clock.advance(999);
        clock.step(-3_600_000);
        expect((await admitOne('c')).kind).toBe('wait');
      });

      it('goes on from where it stood, so that nobody waits for the clock to catch up', async () => {
        await send(['a', 'b']);
        clock.step(-3_600_000);
        await admit(['c']);
        await clock.advance(1_000);
        expect((await admitOne('c')).kind).toBe('granted');
      });

      it('does not lengthen leases', async () => {
        await claim('a', tenPerMinute);
        clock.step(-3_600_000);
        await sendOne('b', tenPerMinute);
        await clock.advance(LEASE_MS);
        expect((await claim('a', tenPerMinute)).attempt).toBe(2);
      });
    });
  });
}

const high = (id: string) => candidate(id, 'high');
const medium = (id: string) => candidate(id, 'medium');
const low = (id: string) => candidate(id, 'low');
const candidate = (id: string, priority: Priority): Candidate => ({ id, priority });

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m-${index}`);
}

function kinds(admissions: readonly Admission[]): string[] {
  return admissions.map(({ kind }) => kind);
}

function claimOf(admission: Admission): Claim {
  if (admission.kind !== 'granted') throw new Error(`expected a claim, found ${admission.kind}`);
  return admission.claim;
}
