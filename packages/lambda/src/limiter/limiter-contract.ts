import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import type { Priority } from '@huntaze/rate-limiter-client/contract';
import { beforeEach, describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket, type Limit } from '../limits/limit.ts';
import { WAITER_GRACE_MS, type Admission, type Candidate, type Claim, type Limiter } from './limiter.ts';

export interface LimiterUnderTest {
  /** A limiter that takes the time from `clock` and knows no key yet. */
  make(clock: FakeClock): Limiter;
}

const LEASE_MS = 30_000;
const tenPerMinute = [slidingWindow({ limit: 10, windowMs: 60_000 })];
const twoPerSecond = [slidingWindow({ limit: 2, windowMs: 1_000 })];

/** What every limiter must do. Time stands still unless a test moves it, so every number is exact. */
export function describeLimiterContract(name: string, { make }: LimiterUnderTest): void {
  describe(`${name} limiter`, () => {
    let clock: FakeClock;
    let limiter: Limiter;
    let startMs: number;

    beforeEach(() => {
      clock = fakeClock();
      limiter = make(clock);
      startMs = clock.nowMs();
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
      });
    const admitOne = async (id: string, limits?: readonly Limit[]) => (await admit([id], limits))[0]!;
    const claim = async (id: string, limits?: readonly Limit[]): Promise<Claim> =>
      claimOf(await admitOne(id, limits));
    const wait = (dueInMs: number, position: number): Admission => ({
      kind: 'wait',
      dueAtMs: startMs + dueInMs,
      position,
    });

    describe('windows', () => {
      it('grants a burst up to the limit and gives the rest a due time and a position', async () => {
        const admissions = await admit(numbered(13), tenPerMinute);
        expect(kinds(admissions)).toEqual([...Array<string>(10).fill('granted'), 'wait', 'wait', 'wait']);
        expect(admissions.slice(10)).toEqual([wait(60_000, 0), wait(60_000, 1), wait(60_000, 2)]);
      });

      it('frees a place exactly one window after it was taken, not a moment before', async () => {
        await admit(['a']);
        await clock.advance(400);
        await admit(['b']);
        await clock.advance(599);
        expect(await admitOne('c')).toEqual(wait(1_000, 0));
        await clock.advance(1);
        expect((await admitOne('c')).kind).toBe('granted');
        expect(await admitOne('d')).toEqual(wait(1_400, 0));
      });

      it('books the whole backlog ahead, window after window', async () => {
        const admissions = await admit(numbered(7));
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
        expect(kinds(await admit(['a', 'b'], limits))).toEqual(['granted', 'granted']);
        await clock.advance(1_000);
        expect(await admit(['c', 'd'], limits)).toMatchObject([{ kind: 'granted' }, wait(10_000, 0)]);
      });
    });

    describe('buckets', () => {
      const bucket = [tokenBucket({ capacity: 2, refillPerMinute: 60 })];

      it('grants the capacity at once, then one message per refill interval', async () => {
        expect((await admit(['a', 'b', 'c', 'd'], bucket)).slice(2)).toEqual([
          wait(1_000, 0),
          wait(2_000, 1),
        ]);
        await clock.advance(999);
        expect((await admitOne('c', bucket)).kind).toBe('wait');
        await clock.advance(1);
        expect((await admitOne('c', bucket)).kind).toBe('granted');
      });

      it('fills up to its capacity and no further', async () => {
        await admit(['a', 'b'], bucket);
        await clock.advance(3_600_000);
        expect(kinds(await admit(['c', 'd', 'e'], bucket))).toEqual(['granted', 'granted', 'wait']);
      });

      it('charges every limit or none: a message that one refuses costs the others nothing', async () => {
        const limits = [...bucket, slidingWindow({ limit: 3, windowMs: 5_000 })];
        expect(kinds(await admit(['a', 'b', 'c'], limits))).toEqual(['granted', 'granted', 'wait']);
        await clock.advance(1_000);
        expect((await admitOne('c', limits)).kind).toBe('granted');
        expect(await admitOne('d', limits)).toEqual(wait(5_000, 0));
      });
    });

    describe('the line', () => {
      it('lets the more urgent go first, whoever asked first', async () => {
        const admissions = await admit(
          [low('l'), medium('m'), high('h')],
          [slidingWindow({ limit: 1, windowMs: 1_000 })],
        );
        expect(admissions).toMatchObject([wait(2_000, 1), wait(1_000, 0), { kind: 'granted' }]);
      });

      it('puts an urgent newcomer ahead of those who wait, and tells them their new due time', async () => {
        await admit(['a', 'b', low('l1'), low('l2')]);
        expect(await admit([high('h')])).toEqual([wait(1_000, 0)]);
        expect(await admit([low('l1'), low('l2')])).toEqual([wait(1_000, 1), wait(2_000, 2)]);
      });

      it('does not let a newcomer take the place of one who waits', async () => {
        await admit(['a', 'b', 'c']);
        await clock.advance(1_000);
        expect(kinds(await admit(['new-1', 'new-2']))).toEqual(['granted', 'wait']);
        expect((await admitOne('c')).kind).toBe('granted');
      });

      it('gives a free place to an early waiter only if fewer stand ahead than places are free', async () => {
        await admit(['a', 'b', 'c', 'd', 'e']);
        await clock.advance(1_000);
        expect(await admitOne('e')).toEqual(wait(2_000, 2));
      });

      it('wastes no place on a late riser: whoever of the same priority was woken on time takes it', async () => {
        await admit(['a', 'b', 'late-1', 'late-2', 'c', 'd']);
        await clock.advance(2_000);
        expect(kinds(await admit(['c', 'd']))).toEqual(['granted', 'granted']);
        expect(await admit(['late-1', 'late-2'])).toEqual([wait(3_000, 0), wait(3_000, 1)]);
      });

      it('keeps a free place for a more urgent waiter, even from one that was woken on time', async () => {
        await admit(['a', 'b', low('l')]);
        await admit([high('h1'), high('h2')]);
        await clock.advance(1_000);
        expect(await admit([low('l')])).toEqual([wait(2_000, 2)]);
        expect(kinds(await admit([high('h1'), high('h2')]))).toEqual(['granted', 'granted']);
      });

      it('asks about waiters in line order, whatever the order of the question', async () => {
        await admit(['a', 'b', 'c', 'd', 'e']);
        await clock.advance(1_000);
        expect(kinds(await admit(['e', 'd', 'c']))).toEqual(['wait', 'granted', 'granted']);
      });

      it('forgets a waiter that does not come back within the grace time', async () => {
        await admit(['a', 'b', 'ghost-1', 'ghost-2']);
        await clock.advance(1_000 + WAITER_GRACE_MS);
        expect(kinds(await admit(['new-1', 'new-2']))).toEqual(['wait', 'wait']);
        await clock.advance(1);
        expect(kinds(await admit(['newer-1', 'newer-2', 'newer-3', 'newer-4']))).toEqual([
          'wait',
          'wait',
          'wait',
          'wait',
        ]);
        expect(await admit(['new-1', 'new-2'])).toMatchObject([{ kind: 'granted' }, { kind: 'granted' }]);
      });

      it('keeps the place of a waiter that comes back late itself', async () => {
        await admit(['a', 'b', 'late', 'other']);
        await clock.advance(10 * WAITER_GRACE_MS);
        expect(kinds(await admit(['late']))).toEqual(['granted']);
      });

      it('keeps keys apart', async () => {
        await admit(['a', 'b', 'c']);
        expect(kinds(await admit(['a', 'b'], twoPerSecond, 'account-2'))).toEqual(['granted', 'granted']);
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
          expect(kinds(await admit(names, tenPerMinute, key))).toEqual([
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
          expect(await limiter.settle('account-1', [{ id: 'a', token, outcome }])).toEqual([true]);
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

      it('refuses to settle with an old token, and changes nothing', async () => {
        const first = await claim('a');
        await clock.advance(LEASE_MS);
        const second = await claim('a');
        expect(
          await limiter.settle('account-1', [{ id: 'a', token: first.token, outcome: 'delivered' }]),
        ).toEqual([false]);
        expect((await admitOne('a')).kind).toBe('busy');
        expect(
          await limiter.settle('account-1', [{ id: 'a', token: second.token, outcome: 'delivered' }]),
        ).toEqual([true]);
      });

      it('settles late when nobody took over, once', async () => {
        const { token } = await claim('a');
        await clock.advance(2 * LEASE_MS);
        const late = [{ id: 'a', token, outcome: 'delivered' }] as const;
        expect(await limiter.settle('account-1', late)).toEqual([true]);
        expect(await limiter.settle('account-1', late)).toEqual([false]);
      });

      it('refuses to settle what was never claimed', async () => {
        expect(await limiter.settle('account-9', [{ id: 'a', token: 1, outcome: 'dead' }])).toEqual([false]);
      });

      it('settles many in one step, each on its own', async () => {
        const a = await claim('a');
        const b = await claim('b');
        const settled = await limiter.settle('account-1', [
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
        await limiter.settle('account-1', [{ id: 'a', token, outcome: 'retry', retryAfterMs: 5_000 }]);
        expect(await admitOne('a')).toEqual({ kind: 'busy', retryAtMs: startMs + 5_000 });
        await clock.advance(5_000);
        expect((await claim('a')).attempt).toBe(2);
      });

      it('gives a failed message its old place in line', async () => {
        const { token } = await claim('a');
        await admit(['b', 'c', 'd', 'e']);
        await limiter.settle('account-1', [{ id: 'a', token, outcome: 'retry', retryAfterMs: 500 }]);
        await clock.advance(500);
        expect(await admitOne('a')).toEqual(wait(1_000, 0));
      });

      it('holds the whole key when the upstream asks for silence, and counts no attempt', async () => {
        const { token } = await claim('a');
        await limiter.settle('account-1', [{ id: 'a', token, outcome: 'release', holdMs: 90_000 }]);
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
        await limiter.settle('account-1', [{ id: 'a', token: a!.token, outcome: 'release', holdMs: 20_000 }]);
        await limiter.settle('account-1', [{ id: 'b', token: b!.token, outcome: 'release', holdMs: 10 }]);
        expect(await admitOne('c')).toEqual(wait(20_000, 0));
      });

      it('holds only its own key', async () => {
        const { token } = await claim('a');
        await limiter.settle('account-1', [{ id: 'a', token, outcome: 'release', holdMs: 90_000 }]);
        expect(kinds(await admit(['a'], twoPerSecond, 'account-2'))).toEqual(['granted']);
      });
    });

    describe('a clock that steps back', () => {
      it('does not loosen limits', async () => {
        await admit(['a', 'b']);
        await clock.advance(999);
        clock.step(-3_600_000);
        expect((await admitOne('c')).kind).toBe('wait');
      });

      it('goes on from where it stood, so that nobody waits for the clock to catch up', async () => {
        await admit(['a', 'b']);
        clock.step(-3_600_000);
        await admit(['c']);
        await clock.advance(1_000);
        expect((await admitOne('c')).kind).toBe('granted');
      });

      it('does not lengthen leases', async () => {
        await claim('a');
        clock.step(-3_600_000);
        await admitOne('b');
        await clock.advance(LEASE_MS);
        expect((await claim('a')).attempt).toBe(2);
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
