import type { Redis } from 'ioredis';

/** A way to admit messages, measured against others. */
export interface Contender {
  readonly name: string;
  /** How many messages one call admits. */
  readonly messagesPerCall: number;
  /** Connects to nothing of its own; everything it keeps begins with the prefix. Resolves when it is ready to admit. */
  open(redis: Redis, prefix: string): Promise<Admitting>;
}

export interface Admitting {
  /** One call, for messages that no other call asks about. @throws unless all of them are admitted. */
  call(key: string, call: number): Promise<void>;
  /** Ends what the calls so far have begun, outside the time that counts. */
  tidy(): Promise<void>;
}

/** As many messages as a Lambda batch holds by default. */
export const BATCH = 10;

/** What all count by: wide enough to admit everything that one round asks of one key. */
export const LIMIT = 10_000;
export const WINDOW_MS = 1_000;
