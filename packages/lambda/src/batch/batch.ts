import type { BatchResponse, SqsRecord } from '../message/event.ts';
import type { LimiterOutage } from '../telemetry/limiter-outages.ts';

/** What happened to the messages of one batch, for its log line. */
export type Tally = Final | Kept;
type Final = 'delivered' | 'duplicate' | 'dead';
/** `unparked`: there was no room in flight to hide it longer than the queue does. */
type Kept = Parked | 'unparked' | 'behind';
/** What a message that is hidden counts as: it waits, its delivery failed, or it was not finished in this batch. */
export type Parked = 'parked' | 'retried' | 'unfinished';

/**
 * Keeps account of one batch. A record counts as unfinished until it is done, so whatever goes wrong,
 * nothing is reported as finished, hence deleted, that is not. Of several records with one id all must be done.
 */
export class Batch {
  readonly #unfinished: Set<SqsRecord>;
  readonly #tallies = new Map<Tally, number>();
  readonly #size: number;
  /** The questions about its messages that the limiter did not answer. */
  readonly outages: LimiterOutage[] = [];

  constructor(records: readonly SqsRecord[]) {
    this.#unfinished = new Set(records);
    this.#size = records.length;
  }

  /** The records are final: SQS may delete them. */
  done(records: readonly SqsRecord[], tally: Final): void {
    for (const record of records) this.#unfinished.delete(record);
    this.#count(tally, records.length);
  }

  /** The records stay in the queue and come back. */
  keep(records: readonly SqsRecord[], tally: Kept): void {
    this.#count(tally, records.length);
  }

  /** Whether every one of the records is final. */
  isDone(records: readonly SqsRecord[]): boolean {
    return records.every((record) => !this.#unfinished.has(record));
  }

  /** Lists every id of which a record is not done, once. */
  response(): BatchResponse {
    const ids = new Set([...this.#unfinished].map(({ messageId }) => messageId));
    return { batchItemFailures: [...ids].map((itemIdentifier) => ({ itemIdentifier })) };
  }

  summary(): Readonly<Record<string, number>> {
    return { received: this.#size, ...Object.fromEntries(this.#tallies) };
  }

  #count(tally: Tally, by: number): void {
    if (by === 0) return;
    this.#tallies.set(tally, (this.#tallies.get(tally) ?? 0) + by);
  }
}
