import type { Unavailable } from '../contract/index.ts';

/** What one replay may do. */
export interface ReplayOptions {
  /** Most messages that it claims. Default: 1,000. */
  readonly limit?: number | undefined;
  /** Lets it claim no more; what it has claimed by then is sent and settled. Default: none. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Why a replay ended: nothing is due (`drained`; what failed before may still wait for its time), the limit, the
 * signal, SQS (its breaker is open, or it refused a whole request), or the store.
 */
export type ReplayEnd = 'drained' | 'limit' | 'aborted' | 'queue-unavailable' | 'store-unavailable';

/** What a replay did. */
export interface ReplayResult {
  /** Messages that SQS holds now. */
  readonly replayed: number;
  /** Messages that SQS did not confirm: a later replay tries them again. */
  readonly failed: number;
  /** Messages that were given up: SQS will never take them, or they failed too often. The store keeps them. */
  readonly dead: number;
  /** Messages that still wait in the store, or why they could not be counted. */
  readonly remaining: number | Unavailable;
  readonly ended: ReplayEnd;
}
