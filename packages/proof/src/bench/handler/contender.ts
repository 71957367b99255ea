import type { Redis } from 'ioredis';

/** A way to process messages under a limit, measured against others. */
export interface Contender {
  readonly name: string;
  /** Prepares messages of some keys, outside the time that counts. Everything it keeps in Redis begins with the prefix. */
  prepare(redis: Redis, prefix: string, load: Load): Promise<Prepared>;
}

export interface Prepared {
  /** Processes every message once. Resolves when all are done. @throws unless each was delivered. */
  run(): Promise<void>;
  close(): Promise<void>;
}

export interface Load {
  readonly keys: number;
  readonly messages: number;
}

/** How many deliveries are under way at once. */
export const DELIVERIES_AT_ONCE = 80;

/** Wide enough that the limit is checked and never reached. */
export const LIMIT = 10_000;
export const WINDOW_MS = 1_000;

/** The key of a message: they take turns. */
export const keyOf = (index: number, { keys }: Load) => `account-${index % keys}`;

export const payload = { text: 'Your order has been shipped' };
