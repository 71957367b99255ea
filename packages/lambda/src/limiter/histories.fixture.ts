import * as fc from 'fast-check';
import { slidingWindow, tokenBucket, type Limit } from './limits/limit.ts';
import type { ColdStart, Settlement } from './limiter.ts';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const keys = ['account-1', 'account-2'];

/** One step of a history, as drawn: small numbers that a player turns into a question or a move of time. */
export type Step =
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

/** What is asked of a limiter, and under what. */
export interface History {
  /** Step number i asks under `terms[i % length]`, unless there is but one. */
  readonly terms: readonly Terms[];
  readonly agingMs: number;
  /** Message number i costs `costs[i % length]`. */
  readonly costs: readonly number[];
  readonly rememberMs: number;
  readonly coldStart: ColdStart;
  readonly steps: readonly Step[];
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

/** Histories of two keys, with deployments that differ in limits, days of silence and lost memories. */
export const history: fc.Arbitrary<History> = fc.record({
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
