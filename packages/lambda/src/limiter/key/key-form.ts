import type { Rules } from '../limits/rules.ts';
import type { BucketsForm } from './buckets.ts';
import type { InFlightForm } from './in-flight.ts';
import type { KeyClockForm } from './key-clock.ts';
import type { Records } from './records.ts';
import { NOTHING_USED, type UsageLogForm } from './usage-log.ts';
import type { WaitQueue } from './wait-queue.ts';

/** What of a key is kept elsewhere, in a way of each limiter's own. */
export interface KeyMemory {
  readonly records: Records;
  readonly queue: WaitQueue;
  /** Up to when nothing is known, by the key's clock, which is so far ahead of the limiter's; `undefined` when all is. */
  unknownBeforeUs(skewUs: number): number | undefined;
  /** Up to how large steps back of the clock are waited out. Default 0. */
  readonly waitedOutUs?: number;
}

/** A `KeyState` as plain data, beside its records and its queue. */
export interface KeyForm {
  readonly inFlight: InFlightForm;
  readonly ended: UsageLogForm;
  readonly lastTicket: number;
  readonly buckets: BucketsForm;
  readonly clock: KeyClockForm;
  readonly calls: number;
  readonly assumedEndUs: number;
  readonly holdUntilUs: number;
  readonly pausedUntilUs: number;
  readonly agingUs: number;
  readonly rules?: Rules;
  readonly unknownUs?: number;
}

/** Of a key that nothing is known of. */
export const NEW_KEY: KeyForm = {
  inFlight: [],
  ended: NOTHING_USED,
  lastTicket: 0,
  buckets: [],
  clock: { lastUs: 0, skewUs: 0 },
  calls: 0,
  assumedEndUs: 0,
  holdUntilUs: 0,
  pausedUntilUs: 0,
  agingUs: 0,
};
