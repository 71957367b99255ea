import type { Clock, Unavailable } from './contract/index.ts';
import type { BreakerState } from './policies/breaker.ts';
import type { QueueCounts } from './transport/queue-counts.ts';

/** What a fallback store holds. */
export interface FallbackCounts {
  /** To be replayed. */
  readonly pending: number;
  /** Given up, kept for a person to look at. */
  readonly dead: number;
}

/** What the client sees. A part that cannot be read says why, the others are still there. */
export interface ClientStatus {
  readonly queue: QueueCounts | Unavailable;
  readonly deadLetters: QueueCounts | Unavailable;
  /** As it is at this moment in this process: others have breakers of their own. */
  readonly breaker: BreakerState;
  readonly fallback: FallbackCounts | Unavailable;
  readonly enabled: boolean | Unavailable;
  readonly rolloutPercent: number | Unavailable;
  /** When the parts were read, by the client's clock; up to a second ago. */
  readonly checkedAtMs: number;
}

/** Where the parts of a status come from. None of them rejects or takes for ever. */
export type StatusParts = {
  readonly [Part in 'queue' | 'deadLetters' | 'fallback' | 'enabled' | 'rolloutPercent']: () => Promise<
    ClientStatus[Part]
  >;
};

/** How long a status is given out again: so many dashboards cost no more than one. */
const HOLDS_MS = 1_000;

/** Reads all parts at the same time, at most once a second, whoever asks. Never throws for an outage. */
export function statusReader(
  parts: StatusParts,
  { breaker, clock }: { readonly breaker: () => BreakerState; readonly clock: Clock },
): () => Promise<ClientStatus> {
  /** Without `readAtMs` it is still being read: everybody waits for the same. */
  let newest: { readonly counts: ReturnType<typeof read>; readAtMs?: number } | undefined;

  async function read() {
    const [queue, deadLetters, fallback, enabled, rolloutPercent] = await Promise.all([
      parts.queue(),
      parts.deadLetters(),
      parts.fallback(),
      parts.enabled(),
      parts.rolloutPercent(),
    ]);
    return { queue, deadLetters, fallback, enabled, rolloutPercent, checkedAtMs: clock.nowMs() };
  }

  const isOld = (readAtMs: number | undefined) =>
    readAtMs !== undefined && clock.monotonicMs() - readAtMs >= HOLDS_MS;

  return async () => {
    const reading = newest === undefined || isOld(newest.readAtMs) ? { counts: read() } : newest;
    newest = reading;
    const { checkedAtMs, ...counts } = await reading.counts;
    reading.readAtMs ??= clock.monotonicMs();
    return { ...counts, breaker: breaker(), checkedAtMs };
  };
}
