import type { Delivery } from './delivery/read.ts';
import type { Invocation } from './invocation.ts';
import type { Admission } from './limiter/limiter.ts';
import type { Settings } from './options.ts';
import { waitInQueue } from './wait-in-queue.ts';

/**
 * Holds a message that may soon be asked about again, and parks one that may not. Gives when to ask, by the monotonic
 * clock, if it is held. Never throws.
 */
export async function holdOrPark(
  settings: Settings,
  invocation: Invocation,
  delivery: Delivery,
  admission: Extract<Admission, { kind: 'wait' | 'busy' }>,
): Promise<number | undefined> {
  const { clock, metrics, dueTimes, onEvent } = settings;
  const dueAtMs = admission.kind === 'wait' ? admission.dueAtMs : admission.retryAtMs;
  // At least a millisecond, lest a limiter that always says "now" is asked for ever without a pause.
  const waitMs = Math.max(1, dueAtMs - clock.nowMs());
  if (admission.kind === 'wait') {
    metrics.record('RateLimitedMessages', 1);
    dueTimes.note(delivery.records[0]!, dueAtMs);
  }
  if (waitMs <= invocation.holdLeftMs()) {
    const { key, id } = delivery.message;
    metrics.record('HeldMessages', 1);
    onEvent({ kind: 'held', key, messageId: id, dueAtMs });
    return clock.monotonicMs() + waitMs;
  }
  const wait = { untilMs: dueAtMs, for: admission.kind === 'wait' ? 'place' : 'claim' } as const;
  await waitInQueue(settings, invocation, delivery, wait);
  return undefined;
}
