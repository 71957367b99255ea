import { slidingWindow, type Limit } from '@huntaze/rate-limiter-lambda';

/** How a deployment asks: its windows, and how long it thinks that deliveries and claims take. */
export interface Terms {
  readonly limits: readonly Limit[];
  /** The same windows, as the ledger counts them. */
  readonly windows: readonly { readonly limit: number; readonly windowMs: number }[];
  readonly marginMs: number;
  readonly leaseMs: number;
}

/** What of them is drawn. */
export interface DrawnTerms {
  readonly windows: readonly { readonly limit: number; readonly windowMs: number; readonly exact: boolean }[];
  readonly marginMs: number;
  readonly leaseMs: number;
}

export function termsOf({ windows, marginMs, leaseMs }: DrawnTerms): Terms {
  return { limits: windows.map((window) => slidingWindow(window)), windows, marginMs, leaseMs };
}
