import type { GatheredBatch } from './gather.ts';
import { backoffMs, pause } from '../pause.ts';
import type { Slots } from './slots.ts';

/** What a poller needs. */
export interface Poller {
  readonly slots: Slots;
  readonly stopping: AbortSignal;
  /** May reject: then the poller pauses and tries again. */
  gather(): Promise<GatheredBatch>;
  /** Must not reject. */
  deliver(batch: GatheredBatch): Promise<void>;
  onFailedPoll(): void;
}

/** Pauses after failed receives. AWS does not publish its own. */
const BACKOFF_MS = { first: 100, longest: 5_000 };

/**
 * Receives and delivers until it is told to stop, then waits for its deliveries. A slot is taken before
 * messages are: what cannot be invoked is not received, which is what MaximumConcurrency is for.
 */
export async function pollUntilStopped({
  slots,
  stopping,
  gather,
  deliver,
  onFailedPoll,
}: Poller): Promise<void> {
  const deliveries = new Set<Promise<void>>();
  let failures = 0;
  for (;;) {
    const release = await slots.take(stopping);
    if (release === undefined) break;
    const batch = await gather().catch(() => undefined);
    if (batch === undefined) {
      release();
      onFailedPoll();
      await pause(backoffMs(failures++, BACKOFF_MS.first, BACKOFF_MS.longest), stopping);
      continue;
    }
    failures = 0;
    if (batch.messages.length === 0) {
      release();
      continue;
    }
    const delivery = deliver(batch).finally(() => {
      release();
      deliveries.delete(delivery);
    });
    deliveries.add(delivery);
  }
  await Promise.all(deliveries);
}
