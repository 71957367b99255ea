import fc from 'fast-check';
import type { DrawnTerms } from './terms.ts';

/** What happens to one key, whose messages come from two queues and are named alike in both. */
export type Step =
  | { readonly kind: 'send'; readonly queue: number; readonly count: number }
  /** A deployment receives what is due of a queue and asks about it. */
  | { readonly kind: 'ask'; readonly queue: number; readonly terms: number }
  /** A deployment receives a copy of messages that were delivered. */
  | { readonly kind: 'copies'; readonly queue: number; readonly terms: number }
  /** Part of those that wait are purged, moved or read by somebody else. */
  | { readonly kind: 'vanish'; readonly share: number }
  | { readonly kind: 'pass'; readonly ms: number };

export interface History {
  /** Draws how deliveries go. */
  readonly seed: number;
  /** Those of the deployments that run at once. The first of them works off what is left at the end. */
  readonly terms: readonly DrawnTerms[];
  readonly rememberMs: number;
  readonly steps: readonly Step[];
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

const window = fc.record({
  limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 })),
  windowMs: fc.constantFrom(SECOND_MS, 10 * SECOND_MS, MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 24 * HOUR_MS),
  exact: fc.boolean(),
});

const terms: fc.Arbitrary<DrawnTerms> = fc.record({
  windows: fc.array(window, { minLength: 1, maxLength: 2 }),
  marginMs: fc.constantFrom(0, 100, 2 * SECOND_MS),
  leaseMs: fc.constantFrom(2 * SECOND_MS, 30 * SECOND_MS, 5 * MINUTE_MS),
});

const queue = fc.integer({ min: 0, max: 1 });
const deployment = fc.nat({ max: 2 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('send'), queue, count: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ask'), queue, terms: deployment }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copies'), queue, terms: deployment }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('vanish'), share: fc.constantFrom(0.1, 0.5, 0.9, 1) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass'),
      ms: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 10 * SECOND_MS }) },
        { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 * MINUTE_MS }) },
        { weight: 1, arbitrary: fc.constantFrom(HOUR_MS, 25 * HOUR_MS, 10 * 24 * HOUR_MS) },
      ),
    }),
  },
);

/** Histories of the kinds that a limiter must survive: whoever asks, however they differ, whoever does not come back. */
export const histories: fc.Arbitrary<History> = fc.record({
  seed: fc.nat(),
  terms: fc.array(terms, { minLength: 1, maxLength: 3 }),
  // Also less than a lease, and than what deliveries wait for.
  rememberMs: fc.constantFrom(SECOND_MS, MINUTE_MS, 24 * HOUR_MS),
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
});
