import type { Delivery } from '../message/read-message.ts';
import type { Invocation } from './invocation.ts';
import type { Settings } from '../options.ts';
import { waitInQueue, type Wait } from '../parking/park.ts';

/**
 * Holds a message that may soon be asked about again, and parks one that may not. Gives how long to hold it, if it is
 * to be held. Never throws.
 */
export async function holdOrPark(
  settings: Settings,
  invocation: Invocation,
  delivery: Delivery,
  wait: Wait,
): Promise<number | undefined> {
  const { clock, metrics, onEvent } = settings;
  const { key, id } = delivery.message;
  // At least a millisecond, lest a limiter that always says "now" is asked for ever without a pause.
  const waitMs = Math.max(1, wait.untilMs - clock.nowMs());
  if (waitMs > invocation.holdLeftMs()) return void (await waitInQueue(settings, invocation, delivery, wait));
  metrics.record('HeldMessages', 1);
  onEvent({ kind: 'held', key, messageId: id, dueAtMs: wait.untilMs });
  return waitMs;
}
