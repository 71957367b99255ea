/** What a mapping has done so far. A live view: it goes on changing. */
export interface MappingStats {
  readonly invocations: number;
  /** Invocations whose whole batch failed: an error, a timeout, an answer against the rules. */
  readonly failedBatches: number;
  /** Invocations that `throttle` refused, each retry counted. */
  readonly throttledInvocations: number;
  /** Batches given up after being throttled until their visibility ended. */
  readonly droppedBatches: number;
  /** Messages deleted. */
  readonly deleted: number;
  /** Messages that should have been deleted and were not: SQS refused or could not be reached. */
  readonly notDeleted: number;
  /** Receives that failed. */
  readonly failedPolls: number;
  /** Duration of all invocations, each rounded up to a whole millisecond as on a bill. */
  readonly billedMs: number;
  /** How often each message was received, by message id, as SQS told at its last receive. */
  readonly receives: ReadonlyMap<string, number>;
}

/** The same, while it is being counted. */
export type MappingCounters = { -readonly [Name in keyof MappingStats]: MappingStats[Name] } & {
  readonly receives: Map<string, number>;
};

/** Counters at zero. One entry per message is kept: made for tests, not for ever. */
export function newCounters(): MappingCounters {
  return {
    invocations: 0,
    failedBatches: 0,
    throttledInvocations: 0,
    droppedBatches: 0,
    deleted: 0,
    notDeleted: 0,
    failedPolls: 0,
    billedMs: 0,
    receives: new Map(),
  };
}
