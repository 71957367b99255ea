import type { Bench } from './bench.ts';
import type { Host } from '../parts/host.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** What a handler does for each message beside waiting for it: some ten requests, each at its slowest. */
const REQUESTS_PER_MESSAGE = 10;

/**
 * How long a call of a handler may take that no function's deadline ends: one message after the other is held, asked
 * about anew, delivered for as long as that may take, and recorded or set aside by requests that all take their longest.
 */
export function longestCallMs({
  batchSize,
  inlineHoldMs,
  deliverTimeoutMs,
  timeoutMs,
}: Pick<Scenario, 'batchSize' | 'inlineHoldMs' | 'deliverTimeoutMs' | 'timeoutMs'>): number {
  return batchSize * (inlineHoldMs + deliverTimeoutMs + REQUESTS_PER_MESSAGE * timeoutMs);
}

/** Judges that calls of handlers end. */
export class CallJudge {
  readonly #bench: Bench;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** A function's time was up before its handler had answered. */
  timedOut(host: Host): void {
    this.#bench.fail(
      'liveness',
      host.name,
      !host.wasFrozen && 'its handler let the time of its function pass',
    );
  }

  /** A call has not ended within {@link longestCallMs}. */
  overdue(host: Host): void {
    this.#bench.fail(
      'liveness',
      host.name,
      host.alive && !host.wasFrozen && 'a call of its handler does not end',
    );
  }
}
