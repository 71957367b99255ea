import * as fc from 'fast-check';
import { slidingWindow, tokenBucket } from './limits/limit.ts';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const keys = ['account-1', 'account-2'];

const operations = ['inspect', 'find', 'pause', 'resume', 'cancel'] as const;
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

const step = fc.oneof(
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
  // The limiter loses its memory; whoever was given claims still has them.
  { weight: 1, arbitrary: fc.constant({ kind: 'forget' as const }) },
);

type Drawn<Value> = Value extends fc.Arbitrary<infer Of> ? Of : never;

/** One step of a history, as drawn: small numbers that a player turns into a question or a move of time. */
export type Step = Drawn<typeof step>;

/** Histories of two keys, with deployments that differ in limits, days of silence and lost memories. */
export const history = fc.record({
  /** What one deployment, or one tier, asks under. Step number i has `terms[i % length]`, unless there is but one. */
  terms: fc.array(
    fc.record({
      limits: fc.array(fc.oneof(window, bucket), { minLength: 1, maxLength: 3 }),
      marginMs: fc.oneof(fc.constant(0), fc.nat(500)),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  agingMs: fc.oneof(fc.constant(0), fc.nat(10_000)),
  /** Message number i costs `costs[i % length]`. */
  costs: fc.oneof(fc.constant([1]), fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })),
  rememberMs: fc.oneof(fc.constant(DAY_MS), fc.integer({ min: 60_000, max: 600_000 })),
  coldStart: fc.constantFrom('empty' as const, 'full' as const),
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
});

/** What is asked of a limiter, and under what. */
export type History = Drawn<typeof history>;
