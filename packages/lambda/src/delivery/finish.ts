import type { Invocation } from '../invocation.ts';
import type { Claim } from '../limiter/limiter.ts';
import type { Settings } from '../options.ts';
import type { Fate } from './fate.ts';
import type { Lease } from './lease.ts';
import type { Delivery } from './read.ts';
import { isBeyondRetention, waitInQueue } from '../wait-in-queue.ts';
import { BEYOND_RETENTION, setAside } from './set-aside.ts';
import { settle, type Outcome } from './settle.ts';

/** How long a message waits whose dead letter could not be sent. */
const DEAD_LETTER_RETRY_MS = 30_000;

/** Carries out a fate: records it with the limiter, then acknowledges, parks or sets aside. Never throws. */
export async function finish(
  settings: Settings,
  invocation: Invocation,
  delivery: Delivery,
  claim: Claim,
  lease: Lease,
  fate: Fate,
): Promise<void> {
  const { clock, metrics, logger, onEvent } = settings;
  const { batch } = invocation;
  const { message, records } = delivery;
  const subject = { key: message.key, messageId: message.id };
  const record = (settlement: Outcome) => settle(settings, delivery.terms, claim, settlement);
  switch (fate.kind) {
    case 'delivered': {
      await record({ outcome: 'delivered' });
      batch.done(records, 'delivered');
      metrics.record('MessagesSent', 1);
      const latencyMs = Math.max(0, clock.nowMs() - message.enqueuedAtMs);
      metrics.record('QueueLatency', latencyMs);
      onEvent({ kind: 'delivered', ...subject, attempt: claim.attempt, latencyMs });
      return;
    }
    case 'retry': {
      const retryAtMs = clock.nowMs() + fate.afterMs;
      if (await isBeyondRetention(invocation, records, retryAtMs)) {
        const cause = { reason: BEYOND_RETENTION, errorName: fate.errorName };
        if (await setAside(settings, invocation, delivery, claim, cause)) return;
      }
      logger.warn(
        { messageId: message.id, attempt: claim.attempt, error: fate.errorName },
        'a delivery failed and is tried again',
      );
      await record({ outcome: 'retry', retryAfterMs: fate.afterMs });
      invocation.parkUntil(delivery, retryAtMs, 'retried');
      const { errorName, afterMs } = fate;
      onEvent({ kind: 'retried', ...subject, attempt: claim.attempt, errorName, afterMs });
      return;
    }
    case 'silence': {
      logger.warn(
        { messageId: message.id, holdMs: fate.holdMs },
        'the upstream asked for silence: its key is held',
      );
      await record({ outcome: 'release', holdMs: fate.holdMs });
      const attempts = claim.attempt - 1;
      const wait = { untilMs: clock.nowMs() + fate.holdMs, for: 'place', attempts } as const;
      if ((await waitInQueue(settings, invocation, delivery, wait)) === 'refused') return;
      onEvent({ kind: 'silenced', ...subject, holdMs: fate.holdMs });
      return;
    }
    case 'dead': {
      if (await setAside(settings, invocation, delivery, claim, fate)) return;
      await record({ outcome: 'retry', retryAfterMs: DEAD_LETTER_RETRY_MS });
      invocation.parkUntil(delivery, clock.nowMs() + DEAD_LETTER_RETRY_MS, 'unfinished');
      return;
    }
    case 'uncertain': {
      const cause = { reason: 'uncertain', errorName: fate.errorName };
      if (await setAside(settings, invocation, delivery, claim, cause)) return;
      // Nothing is recorded: whoever takes over the claim must find it uncertain again.
      invocation.parkUntil(delivery, clock.nowMs() + Math.max(0, lease.leftMs()), 'unfinished');
      return;
    }
    case 'not-started': {
      await record({ outcome: 'release', holdMs: 0 });
      invocation.parkUntil(delivery, clock.nowMs(), 'unfinished');
      return;
    }
    case 'unknown': {
      logger.error(
        { messageId: message.id, attempt: claim.attempt },
        'a delivery did not end in time: its outcome is unknown',
      );
      invocation.parkUntil(delivery, clock.nowMs() + Math.max(0, lease.leftMs()), 'unfinished');
    }
  }
}
