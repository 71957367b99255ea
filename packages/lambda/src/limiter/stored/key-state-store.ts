/**
 * Where a {@link storedLimiter} keeps what it knows: any database that can compare and set. It holds texts and never reads
 * them. Every method rejects when it has no answer; a stored limiter then has none either, and nothing is delivered.
 */
export interface KeyStateStore {
  /**
   * Since when this store remembers, in milliseconds since 1970 by the clock that {@link read} tells, otherwise the
   * caller's. The first call ever decides: it writes `nowMs`, and all later calls, of any process, return what it wrote.
   * A store that lost its data says when it began anew.
   */
  beganMs(nowMs: number): Promise<number>;
  /**
   * A key's state and what is known of these messages, all as their latest writes left them. The records may be older
   * than the state when a write comes in between, never the other way round: read the state last, or all at one instant.
   */
  read(key: string, ids: readonly string[]): Promise<KeySnapshot>;
  /**
   * Writes records, then the state, if the key's version is still `change.expected`; `false` otherwise. Best in one
   * transaction. Otherwise records first: whoever then loses the race, or dies in between, has written them all the same.
   */
  write(key: string, change: KeyChange): Promise<boolean>;
}

/** What a store knows of a key. */
export interface KeySnapshot {
  /** The store's own time, in milliseconds since 1970, where it has a clock that all processes share. */
  readonly nowMs?: number | undefined;
  /** The version that was written last; undefined where there is no state. */
  readonly version?: string | undefined;
  readonly state?: string | undefined;
  /** By id. Nothing for a message that is not known. */
  readonly records: ReadonlyMap<string, string>;
}

/** What is to be written about a key. */
export interface KeyChange {
  /** What it was decided on, as `read` returned it: a store may have noted more about it. */
  readonly read?: KeySnapshot | undefined;
  /** The version that was read; undefined where there was none. */
  readonly expected: string | undefined;
  /** The version from now on: no two writes have the same. */
  readonly version: string;
  readonly state: string;
  /** For how long the state must be kept at least, in milliseconds. Expired states and records may be there or not. */
  readonly keepMs: number;
  readonly records: readonly RecordChange[];
}

/** What is to be written about one message. */
export interface RecordChange {
  readonly id: string;
  readonly text: string;
  /** As in {@link KeyChange}. */
  readonly keepMs: number;
}
