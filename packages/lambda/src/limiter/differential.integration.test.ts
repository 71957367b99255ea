import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { priorities } from '@huntaze/rate-limiter-client/contract';
import { redisForTests } from '@huntaze/testkit';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { slidingWindow, tokenBucket, type Limit } from '../limits/limit.ts';
import type { Claim, Claimed, ColdStart, Limiter, Settlement } from './limiter.ts';
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
      /** Which of the limits it asks under, unless it asks under all. */
      readonly alone: number | undefined;
    }
  | {
      readonly kind: 'settle';
      readonly claim: number;
      readonly outcome: Settlement['outcome'];
      readonly delayMs: number;
    }
  | { readonly kind: 'renew'; readonly claim: number; readonly leaseMs: number }
  | { readonly kind: 'operate'; readonly operation: Operation; readonly key: string; readonly id: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'stepBack'; readonly ms: number }
  /** The limiter loses its memory; whoever was given claims still has them. */
  | { readonly kind: 'forget' };

const operations = ['inspect', 'find', 'pause', 'resume', 'cancel'] as const;
type Operation = (typeof operations)[number];

interface History {
  readonly limits: readonly Limit[];
  readonly marginMs: number;
  readonly agingMs: number;
  /** Message number i costs `costs[i % length]`. */
  readonly costs: readonly number[];
  readonly rememberMs: number;
  readonly coldStart: ColdStart;
  readonly steps: readonly Step[];
}

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
      const shared = () =>
        redisLimiter({
          redis,
          prefix: `${prefix}${histories++}`,
          clock: replayClock,
          serverClock: replayClock,
          coldStart,
          rememberMs,
        });
      expect(await play(shared, drawn, replayClock)).toEqual(expected);
    }),
    { numRuns: process.env['DEEP'] ? DEEP_RUNS : RUNS, endOnFailure: false },
  );
});

/** Runs a history against a limiter and writes down every answer. `open` gives one that knows nothing. */
async function play(
  open: () => Limiter & LimiterOperations,
  { limits, marginMs, agingMs, costs, steps }: History,
  clock: FakeClock,
) {
  const claims: (Claim & { readonly cost: number })[] = [];
  const answers: unknown[] = [];
  let limiter = open();
  for (const step of steps) {
    switch (step.kind) {
      case 'admit': {
        const candidates = step.ids.map((id) => ({
          id: `m-${id}`,
          priority: priorities[id % priorities.length]!,
          cost: costs[id % costs.length]!,
        }));
        const admissions = await limiter.admit({
          key: step.key,
          limits: step.alone === undefined ? limits : [limits[step.alone % limits.length]!],
          marginMs,
          agingMs,
          candidates,
          leaseMs: step.leaseMs,
        });
        for (const [index, admission] of admissions.entries()) {
          const { cost } = candidates[index]!;
          if (admission.kind === 'granted') claims.push({ ...admission.claim, cost });
        }
        answers.push(admissions);
        break;
      }
      case 'settle': {
        const claim = claims[step.claim % Math.max(1, claims.length)];
        if (claim)
          answers.push(
            await limiter.settle({
              key: claim.key,
              limits,
              marginMs,
              settlements: [settlement(claim, step)],
            }),
          );
        break;
      }
      case 'renew': {
        const claim = claims[step.claim % Math.max(1, claims.length)];
        const { leaseMs } = step;
        if (claim) answers.push(await limiter.renew({ key: claim.key, claims: [claim], leaseMs }));
        break;
      }
      case 'operate':
        answers.push(await limiter[step.operation](step.key, `m-${step.id}`));
        break;
      case 'advance':
        await clock.advance(step.ms);
        break;
      case 'stepBack':
        clock.step(-step.ms);
        break;
      case 'forget':
        limiter = open();
        break;
    }
  }
  return answers;
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
    default:
      return { id, token, cost, outcome };
  }
}

const window = fc
  .record({
    limit: fc.integer({ min: 1, max: 12 }),
    windowMs: fc.integer({ min: 1, max: 5_000 }),
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

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('admit' as const),
      key: fc.constantFrom(...keys),
      ids: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 10 }),
      leaseMs: fc.integer({ min: 1, max: 10_000 }),
      alone: fc.option(fc.nat(2), { nil: undefined, freq: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      claim: fc.nat(1_000),
      outcome: fc.constantFrom('delivered' as const, 'dead' as const, 'retry' as const, 'release' as const),
      delayMs,
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
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stepBack' as const), ms: delayMs }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'forget' as const }) },
);

const history: fc.Arbitrary<History> = fc.record({
  limits: fc.array(fc.oneof(window, bucket), { minLength: 1, maxLength: 3 }),
  marginMs: fc.oneof(fc.constant(0), fc.nat(500)),
  agingMs: fc.oneof(fc.constant(0), fc.nat(10_000)),
  costs: fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })),
  rememberMs: fc.oneof(fc.constant(24 * 3_600_000), fc.integer({ min: 300_000, max: 600_000 })),
  coldStart: fc.constantFrom('empty' as const, 'full' as const),
  steps: fc.array(step, { minLength: 1, maxLength: 60 }),
});
