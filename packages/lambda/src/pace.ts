import { ask, type Pending, type Start } from './ask.ts';
import { makeAttempt } from './attempt.ts';
import type { Delivery } from './delivery/read.ts';
import type { Invocation } from './invocation.ts';
import { rankOf } from './limiter/place.ts';
import type { DeliverySettings, Settings } from './options.ts';

/**
 * Takes the messages of a batch through the limiter: ask, deliver what is granted, park what is due
 * later, hold what is due soon and ask again at its time. Ends when every message is final or parked,
 * or when the time is up.
 */
export async function pace<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  deliveries: readonly Delivery<Payload>[],
): Promise<void> {
  const { clock, concurrency } = settings;
  const running = new Set<Promise<void>>();
  let pending: readonly Pending<Payload>[] = deliveries
    .toSorted((a, b) => rankOf(a.message.priority) - rankOf(b.message.priority))
    .map((delivery) => ({ delivery, askAtMs: 0 }));

  const start: Start<Payload> = (...granted) => {
    const task = makeAttempt(settings, invocation, ...granted).finally(() => running.delete(task));
    running.add(task);
  };

  while (pending.length > 0 && invocation.timeLeftMs() > 0) {
    const nowMs = clock.monotonicMs();
    const ready = pending.filter(({ askAtMs }) => askAtMs <= nowMs).slice(0, concurrency - running.size);
    if (ready.length > 0) {
      const held = await Promise.all(
        byQuestion(ready).map((group) => ask(settings, invocation, group, start)),
      );
      pending = [...pending.filter((one) => !ready.includes(one)), ...held.flat()];
    } else {
      await nextEvent(settings, pending, running);
    }
  }
  for (const { delivery } of pending) invocation.parkUntil(delivery, clock.nowMs(), 'unfinished');
  await Promise.all(running);
}

/** Waits for the first of: a held message's time, the end of a delivery. Both lie within the invocation's time. */
async function nextEvent<Payload>(
  { clock }: Settings,
  pending: readonly Pending<Payload>[],
  running: ReadonlySet<Promise<void>>,
): Promise<void> {
  const woken = new AbortController();
  const nowMs = clock.monotonicMs();
  const future = pending.map(({ askAtMs }) => askAtMs).filter((atMs) => atMs > nowMs);
  const sleep = future.length > 0 ? [clock.sleep(Math.min(...future) - nowMs, woken.signal)] : [];
  await Promise.race([...sleep, ...running]);
  woken.abort();
}

/** One question is about messages of one key and the same limits. */
function byQuestion<Payload>(
  pending: readonly Pending<Payload>[],
): readonly (readonly Delivery<Payload>[])[] {
  const deliveries = pending.map(({ delivery }) => delivery);
  const groups = Map.groupBy(deliveries, ({ message, terms }) => JSON.stringify([message.key, terms.limits]));
  return [...groups.values()];
}
