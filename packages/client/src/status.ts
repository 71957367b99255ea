import type { Clock, FallbackStore, Logger, Unavailable } from './contract/index.ts';
import { nameOf, type StoreInTime } from './fallback/store-call.ts';
import type { Breaker, BreakerState } from './queue/breaker.ts';
import { readQueueCounts, type QueueCounts } from './queue/counts.ts';
import type { Sqs } from './queue/sqs.ts';
import type { Rollout } from './rollout/rollout.ts';

/** What a fallback store holds. */
export interface FallbackCounts {
  /** To be replayed. */
  readonly pending: number;
  /** Given up, kept for a person to look at. */
  readonly dead: number;
}

/** What the client sees. A part that cannot be read says why, one that the client was not given is null. */
export interface ClientStatus {
  readonly queue: QueueCounts | Unavailable;
  /** Null without a `deadLetterQueueUrl`. */
  readonly deadLetters: QueueCounts | Unavailable | null;
  /** As it is at this moment in this process: others have breakers of their own. */
  readonly breaker: BreakerState;
  /** Null without a `fallbackStore`. */
  readonly fallback: FallbackCounts | Unavailable | null;
  readonly enabled: boolean | Unavailable;
  readonly rolloutPercent: number | Unavailable;
  /** When the parts were read, by the client's clock; up to a second ago. */
  readonly checkedAtMs: number;
}

interface StatusSources {
  readonly sqs: Sqs;
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string | undefined;
  readonly timeoutMs: number;
  readonly fallbackStore: FallbackStore | undefined;
  /** Bounds a call of the fallback store. */
  readonly storeInTime: StoreInTime;
  readonly breaker: Pick<Breaker<never>, 'state'>;
  readonly rollout: Rollout;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads the status of a client: all parts at the same time, at most once a second, whoever asks. Never throws for an outage. */
export function openStatus(sources: StatusSources): () => Promise<ClientStatus> {
  const { sqs, queueUrl, deadLetterQueueUrl, timeoutMs, clock, logger } = sources;
  const { fallbackStore, storeInTime, rollout, breaker } = sources;
  const readCounts = (url: string) => readQueueCounts({ sqs, logger, clock, timeoutMs }, url);

  async function readFallback(): Promise<ClientStatus['fallback']> {
    if (!fallbackStore) return null;
    try {
      const { pending, dead } = await storeInTime(() => fallbackStore.counts());
      return { pending, dead };
    } catch (error) {
      const reason = nameOf(error);
      logger.warn({ queueUrl, error: reason }, 'the fallback store could not be counted');
      return { unavailable: reason };
    }
  }

  async function read(): Promise<Omit<ClientStatus, 'breaker'>> {
    const [queue, deadLetters, fallback, enabled, rolloutPercent] = await Promise.all([
      readCounts(queueUrl),
      deadLetterQueueUrl === undefined ? null : readCounts(deadLetterQueueUrl),
      readFallback(),
      rollout.enabled.status(),
      rollout.rolloutPercent.status(),
    ]);
    return { queue, deadLetters, fallback, enabled, rolloutPercent, checkedAtMs: clock.nowMs() };
  }

  /** Without `readAtMs` it is still being read: everybody waits for the same. */
  let newest: { readonly parts: ReturnType<typeof read>; readAtMs?: number } | undefined;
  const isOld = (readAtMs: number | undefined) =>
    readAtMs !== undefined && clock.monotonicMs() - readAtMs >= HOLDS_MS;

  return async () => {
    const reading = newest === undefined || isOld(newest.readAtMs) ? { parts: read() } : newest;
    newest = reading;
    const parts = await reading.parts;
    reading.readAtMs ??= clock.monotonicMs();
    return { ...parts, breaker: breaker.state() };
  };
}

/** How long a status is returned again: so many dashboards cost no more than one. */
const HOLDS_MS = 1_000;
