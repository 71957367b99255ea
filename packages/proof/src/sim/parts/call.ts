import type { Claim } from '@huntaze/rate-limiter-lambda';
import type { Host } from './host.ts';

/** One call of `deliver`. */
export interface Call {
  readonly host: Host;
  readonly key: string;
  readonly identity: string;
  /** Where a process decided alone nobody sees its claim: then this one stands for it, with a negative token. */
  readonly claim: Claim;
}

export function wasDecidedAlone({ claim: { token } }: { readonly claim: Pick<Claim, 'token'> }): boolean {
  return token < 0;
}

/** What a process hears of its call. */
export type Heard =
  | { readonly kind: 'accepted' | 'failed' }
  | { readonly kind: 'silence'; readonly holdMs: number };
