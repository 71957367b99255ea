import type { BatchResponse, SqsRecord } from '../message/event.ts';
import type { LimiterOutage } from '../telemetry/limiter-outages.ts';

type Final = 'delivered' | 'duplicate' | 'dead';
type Returned = 'parked' | 'retried' | 'unfinished' | 'unparked' | 'behind';

/**
 * The account of one batch. A record counts as unfinished until it is final, so whatever goes wrong, the response never
 * acknowledges, and SQS never deletes, an unfinished record.
 */
export class BatchReport {
  readonly #unfinished: Set<SqsRecord>;
  readonly #counts = new Map<Final | Returned, number>();
  readonly #received: number;
  /** The calls that the limiter did not answer. */
  readonly outages: LimiterOutage[] = [];

  constructor(records: readonly SqsRecord[]) {
    this.#unfinished = new Set(records);
    this.#received = records.length;
  }

  /** Marks records as final: SQS may delete them. */
  finish(records: readonly SqsRecord[], as: Final): void {
    for (const record of records) this.#unfinished.delete(record);
    this.#count(as, records.length);
  }

  /** Counts records that stay in the queue and come back. */
  keep(records: readonly SqsRecord[], as: Returned): void {
    this.#count(as, records.length);
  }

  /** Lists every id that has an unfinished record, once. */
  response(): BatchResponse {
    const ids = new Set([...this.#unfinished].map(({ messageId }) => messageId));
    return { batchItemFailures: [...ids].map((itemIdentifier) => ({ itemIdentifier })) };
  }

  /** When SQS took the oldest unfinished record; none if there is none, or none that says. */
  oldestSentAtMs(): number | undefined {
    const sentAtMs = [...this.#unfinished].map(({ attributes }) => Number(attributes.SentTimestamp));
    const known = sentAtMs.filter((atMs) => atMs > 0);
    return known.length > 0 ? Math.min(...known) : undefined;
  }

  /** Records by what became of them, for the batch's log line. */
  summary(): Readonly<Record<string, number>> {
    return { received: this.#received, ...Object.fromEntries(this.#counts) };
  }

  #count(as: Final | Returned, by: number): void {
    if (by > 0) this.#counts.set(as, (this.#counts.get(as) ?? 0) + by);
  }
}
