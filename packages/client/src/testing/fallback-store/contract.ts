import * as checks from '@huntaze/kit/checks';
import { requireOptions } from '../../contract/require-options.ts';
import type { FallbackStore } from '../../contract/index.ts';
import { claiming } from './claiming.ts';
import { content } from './content.ts';
import { saving } from './saving.ts';
import { settling } from './settling.ts';
import { skew } from './skew.ts';
import { assertPastStart, type Scenario } from './scenario.ts';

/** A store and a hand on its clock. */
export interface FallbackStoreUnderTest {
  /** Empty when a test begins. */
  readonly store: FallbackStore;
  /** The present instant of the store's clock, in milliseconds since 1970. */
  nowMs(): number | Promise<number>;
  /**
   * Lets so many milliseconds pass for the store: move its clock on, or, where the clock is a database's, move the
   * stored instants back. Really waiting works as well, with a short `leaseMs`.
   */
  elapse(ms: number): Promise<void>;
  /**
   * The same store as a host sees it whose clock is ahead of the right time by `aheadMs`, or behind when that is below
   * 0. Default: `store` itself, which is right where no host's clock has a say.
   */
  seenFrom?(host: { readonly aheadMs: number }): FallbackStore;
  /** Called after each test, passed or not. */
  close?(): Promise<void>;
}

/** What the contract needs to know of a store. */
export interface FallbackStoreContractOptions {
  /** A new store, without a message. */
  make(): FallbackStoreUnderTest | Promise<FallbackStoreUnderTest>;
  /** How long claims of the tests last. Default 60,000 ms. */
  readonly leaseMs?: number;
  /** The longest body that the store takes, in bytes of UTF-8. Default 1 MiB, the most that SQS takes. */
  readonly maxBodyBytes?: number;
  /** How many messages the test of volume stores. Default 10,000. */
  readonly volume?: number;
}

/** One promise of the contract. */
export interface FallbackStoreContractCase {
  /** The promise, in the present tense. */
  readonly name: string;
  /** Rejects with an `AssertionError` of `node:assert` when the store breaks the promise. */
  run(): Promise<void>;
}

const DEFAULT_LEASE_MS = 60_000;
const MAX_BODY_BYTES = 1024 * 1024;
const DEFAULT_VOLUME = 10_000;

/** What each option must be. */
const contractChecks = {
  make: checks.callable,
  leaseMs: checks.optional(checks.whole(2, 3_600_000)),
  maxBodyBytes: checks.optional(checks.whole(3, MAX_BODY_BYTES)),
  volume: checks.optional(checks.whole(1, 1_000_000)),
} satisfies Record<keyof FallbackStoreContractOptions, checks.Check>;

/**
 * What every fallback store promises, as cases for any test runner:
 *
 * ```ts
 * for (const { name, run } of fallbackStoreContract({ make })) test(name, run);
 * ```
 */
export function fallbackStoreContract(
  options: FallbackStoreContractOptions,
): readonly FallbackStoreContractCase[] {
  requireOptions(contractChecks, options);
  const {
    make,
    leaseMs = DEFAULT_LEASE_MS,
    maxBodyBytes = MAX_BODY_BYTES,
    volume = DEFAULT_VOLUME,
  } = options;
  const scenarios: Readonly<Record<string, Scenario>> = {
    ...saving,
    ...claiming,
    ...settling,
    ...skew,
    ...content,
  };
  return Object.entries(scenarios).map(([name, scenario]) => ({
    name,
    async run() {
      const { store, nowMs, elapse, seenFrom = () => store, close } = await make();
      try {
        await assertPastStart(nowMs);
        await scenario({ store, nowMs, elapse, seenFrom, leaseMs, maxBodyBytes, volume });
      } finally {
        await close?.();
      }
    },
  }));
}
