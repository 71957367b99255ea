import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { priorities } from '@huntaze/rate-limiter-client/contract';
import { redisForTests } from '@huntaze/testkit';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { slidingWindow, tokenBucket, type Limit } from '../limits/limit.ts';
import type { Admission, Claim, Claimed, ColdStart, Limiter, Settlement } from './limiter.ts';
import type { LimiterOperations } from './operations.ts';
import { memoryLimiter } from './memory/memory-limiter.ts';
import { redisLimiter } from './redis/redis-limiter.ts';

const { redis, prefix } = await redisForTests();
let histories = 0;

/** One step of a history, as drawn: small numbers that {@link play} turns into a question or a move of time. */
type Step =
  | {
      readonly kind: 'admit';
      readonly key: string;
      readonly ids: readonly number[];
      readonly leaseMs: number;
      readonly terms: number;
    }
  | {
      readonly kind: 'settle';
      readonly claim: number;
      readonly outcome: Settlement['outcome'];
      readonly delayMs: number;
      readonly terms: number;
    }
  | { readonly kind: 'renew'; readonly claim: number; readonly leaseMs: number }
  | { readonly kind: 'operate'; readonly operation: Operation; readonly key: string; readonly id: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'stepBack'; readonly ms: number }
  /** The limiter loses its memory; whoever was given claims still has them. */
  | { readonly kind: 'forget' };

const operations = ['inspect', 'find', 'pause', 'resume', 'cancel'] as const;
type Operation = (typeof operations)[number];

/** What one deployment, or one tier, asks under. */
interface Terms {
  readonly limits: readonly Limit[];
  readonly marginMs: number;
}

interface History {
  /** Step number i asks under `terms[i % length]`, unless there is but one. */
  readonly terms: readonly Terms[];
  readonly agingMs: number;
  /** Message number i costs `costs[i % length]`. */
  readonly costs: readonly number[];
  readonly rememberMs: number;
  readonly coldStart: ColdStart;
  readonly steps: readonly Step[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEEP_RUNS = 10_000;
const RUNS = 500;
const keys = ['account-1', 'account-2'];

it('both limiters give the same answers to the same history', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async (drawn) => {
      const clock = fakeClock();
      const { coldStart, rememberMs } = drawn;
      const expected = await play(() => memoryLimiter({ clock, coldStart, rememberMs }), drawn, clock);
      const replayClock = fakeClock();
      let keyPrefix = '';
      let agedAtMs = Date.now();
      const age = async (ms: number) => {
        const passedMs = Date.now() - agedAtMs;
        agedAtMs += passedMs;
        await shortenLives(keyPrefix, ms - passedMs);
      };
      const shared = () =>
        redisLimiter({
          redis,
          prefix: (keyPrefix = `${prefix}${histories++}`),
          clock: replayClock,
          serverClock: replayClock,
          coldStart,
          rememberMs,
        });
      expect(await play(shared, drawn, replayClock, age)).toEqual(expected);
    }),
    { numRuns: process.env['DEEP'] ? DEEP_RUNS : RUNS, endOnFailure: false },
  );
});

/** Lets Redis's own clock, by which keys expire, follow the one of the history. What is known of the server stays. */
async function shortenLives(keyPrefix: string, ms: number): Promise<void> {
  for (const name of await redis.keys(`${keyPrefix}:{0}:account-*`)) {
    const leftMs = (await redis.pttl(name)) - ms;
    await (leftMs > 0 ? redis.pexpire(name, leftMs) : redis.del(name));
  }
}

/** Runs a history against a limiter and writes down every answer. `open` gives one that knows nothing. */
async function play(
  open: () => Limiter & LimiterOperations,
  { terms, agingMs, costs, steps }: History,
  clock: FakeClock,
  aged: (ms: number) => Promise<void> = async () => undefined,
) {
  const claims: (Claim & { readonly cost: number })[] = [];
  const answers: unknown[] = [];
  const askedAtMs = new Map<string, number>();
  /** A key that was silent for a day may be forgotten, a little sooner in one limiter than in the other. */
  /** Keys that were: how finely their past is known is forgotten, too, and due times depend on it. */
  const returned = new Set<string>();
  const isFresh = (key: string) => clock.nowMs() - (askedAtMs.get(key) ?? 0) < DAY_MS;
  let limiter = open();
  for (const step of steps) {
    switch (step.kind) {
      case 'admit': {
        if (askedAtMs.has(step.key) && !isFresh(step.key)) returned.add(step.key);
        askedAtMs.set(step.key, clock.nowMs());
        const candidates = step.ids.map((id) => ({
          id: `m-${id}`,
          priority: priorities[id % priorities.length]!,
          cost: costs[id % costs.length]!,
        }));
        const admissions = await limiter.admit({
          key: step.key,
          ...terms[step.terms % terms.length]!,
          agingMs,
          candidates,
          leaseMs: step.leaseMs,
        });
        for (const [index, admission] of admissions.entries()) {
          const { cost } = candidates[index]!;
          if (admission.kind === 'granted') claims.push({ ...admission.claim, cost });
        }
        answers.push(returned.has(step.key) ? kindsOf(admissions) : withoutFirstTicket(admissions));
        break;
      }
      case 'settle': {
        const claim = claims[step.claim % Math.max(1, claims.length)];
        if (claim && isFresh(claim.key))
          answers.push(
            await limiter.settle({
              key: claim.key,
              ...terms[step.terms % terms.length]!,
              settlements: [settlement(claim, step)],
            }),
          );
        break;
      }
      case 'renew': {
        const claim = claims[step.claim % Math.max(1, claims.length)];
        const { leaseMs } = step;
        if (claim && isFresh(claim.key))
          answers.push(await limiter.renew({ key: claim.key, claims: [claim], leaseMs }));
        break;
      }
      case 'operate': {
        const answer = await operate(limiter, step);
        answers.push(isFresh(step.key) || step.operation !== 'inspect' ? answer : 'of a day ago');
        break;
      }
      case 'advance':
        await clock.advance(step.ms);
        await aged(step.ms);
        // What has expired by then does not come back when the clock is set back.
        for (const key of keys) await limiter.inspect(key);
        break;
      case 'stepBack':
        clock.step(-step.ms);
        await aged(-step.ms);
        break;
      case 'forget':
        limiter = open();
        break;
    }
  }
  return answers;
}

async function operate(
  limiter: LimiterOperations,
  { operation, key, id }: Extract<Step, { kind: 'operate' }>,
): Promise<unknown> {
  return operation === 'find' || operation === 'cancel'
    ? await limiter[operation](key, `m-${id}`)
    : await limiter[operation](key);
}

const kindsOf = (admissions: readonly Admission[]) => admissions.map(({ kind }) => kind);

/**
 * Tokens as their distance to the least: a lease that ended while its key was forgotten takes tickets in one limiter and
 * not in the other.
 */
function withoutFirstTicket(admissions: readonly Admission[]): readonly unknown[] {
  const tokens = admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim.token] : []));
  return admissions.map((one) =>
    one.kind === 'granted'
      ? { ...one, claim: { ...one.claim, token: one.claim.token - Math.min(...tokens) } }
      : one,
  );
}

function settlement(
  { id, token, cost }: Claimed & { readonly cost: number },
  { outcome, delayMs }: Extract<Step, { kind: 'settle' }>,
): Settlement {
  switch (outcome) {
    case 'retry':
      return { id, token, cost, outcome, retryAfterMs: delayMs };
    case 'release':
      return { id, token, cost, outcome, holdMs: delayMs };
    case 'condemned':
      return {
        id,
        token,
        cost,
        outcome,
        verdict: { reason: `a: b ${delayMs}`, errorName: 'Ü', attempts: 3 },
      };
    default:
      return { id, token, cost, outcome };
  }
}

const outcomes = ['delivered', 'dead', 'condemned', 'retry', 'release', 'unused'] as const;

const window = fc
  .record({
    limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 100 })),
    windowMs: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 5_001, max: 600_000 })),
    exact: fc.oneof(
      { weight: 3, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
  })
  .map(slidingWindow);
const bucket = fc
  .record({ capacity: fc.integer({ min: 1, max: 12 }), refillPerMinute: fc.integer({ min: 7, max: 6_000 }) })
  .map(tokenBucket);
const delayMs = fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5_000), fc.nat(200_000));

/** Sums of these are not near any time after which something is forgotten, a little sooner in one limiter than in the other. */
const longMs = fc.constantFrom(7 * HOUR_MS, 20 * HOUR_MS, 5 * DAY_MS, 40 * DAY_MS);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('admit' as const),
      key: fc.constantFrom(...keys),
      ids: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 10 }),
      leaseMs: fc.integer({ min: 1, max: 10_000 }),
      terms: fc.nat(5),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      claim: fc.nat(1_000),
      outcome: fc.constantFrom(...outcomes),
      delayMs,
      terms: fc.nat(5),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('renew' as const),
      claim: fc.nat(1_000),
      leaseMs: fc.integer({ min: 1, max: 10_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('operate' as const),
      operation: fc.constantFrom(...operations),
      key: fc.constantFrom(...keys),
      id: fc.nat(30),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: delayMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: longMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stepBack' as const), ms: delayMs }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'forget' as const }) },
);

const history: fc.Arbitrary<History> = fc.record({
  terms: fc.array(
    fc.record({
      limits: fc.array(fc.oneof(window, bucket), { minLength: 1, maxLength: 3 }),
      marginMs: fc.oneof(fc.constant(0), fc.nat(500)),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  agingMs: fc.oneof(fc.constant(0), fc.nat(10_000)),
  costs: fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })),
  rememberMs: fc.oneof(fc.constant(DAY_MS), fc.integer({ min: 60_000, max: 600_000 })),
  coldStart: fc.constantFrom('empty' as const, 'full' as const),
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
});
