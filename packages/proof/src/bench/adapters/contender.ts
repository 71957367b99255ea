import type { StoredClaim, StoredMessage } from '@huntaze/rate-limiter-client/contract';

/** A way to keep messages in a database and to take them out again. */
export interface Contender {
  readonly name: string;
  /** Empties the database before a round. */
  clear(): Promise<void>;
  save(messages: readonly StoredMessage[]): Promise<unknown>;
  claim(limit: number): Promise<readonly Pick<StoredClaim, 'message' | 'token'>[]>;
  settle(claim: Pick<StoredClaim, 'message' | 'token'>): Promise<unknown>;
}

/** How long claims last: longer than a round. */
export const LEASE_MS = 600_000;
