import { openQuestions, type Ask } from './ask.ts';
import { makeAttempt } from './attempt.ts';
import { finishCondemned } from './delivery/finish.ts';
import type { Delivery } from './delivery/read.ts';
import { holdOrPark } from './hold-or-park.ts';
import type { Invocation } from './invocation.ts';
import { rankOf } from './limiter/queue-position.ts';
import type { DeliverySettings } from './options.ts';
import { openAlarms, openSlots } from './slots.ts';
import { waitInQueue } from './wait-in-queue.ts';

/**
 * Takes messages through the limiter, each for itself: ask, deliver what is granted, park what is due later, hold what
 * is due soon and ask again at its time. Ends when every message is final or back in the queue.
 */
export async function pace<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  deliveries: readonly Delivery<Payload>[],
): Promise<void> {
  // Held messages need no slot. What they wait for is theirs alone: no message waits for another one's answer.
  const slots = openSlots(settings.concurrency);
  const sleep = openAlarms(settings.clock);
  const ask = openQuestions(settings, invocation);
  const untilItEnds = async (delivery: Delivery<Payload>) => {
    const tryIt = () => slots.run(() => tryOnce(settings, invocation, ask, delivery));
    for (let heldMs = await tryIt(); heldMs !== undefined; heldMs = await tryIt()) await sleep(heldMs);
  };
  await Promise.all(inOrderOfStart(deliveries).map(untilItEnds));
}

/** Asks about a message, and acts on the answer. Gives how long to hold the message, if it is to be held. */
async function tryOnce<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  ask: Ask,
  delivery: Delivery<Payload>,
): Promise<number | undefined> {
  const { clock, metrics, dueTimes, random, limiter, leaseMs } = settings;
  if (invocation.timeLeftMs() <= 0) {
    invocation.parkUntil(delivery, clock.nowMs(), 'unfinished');
    return undefined;
  }

  const { admission, askedMs } = await ask(delivery);
  switch (admission.kind) {
    case 'granted': {
      const dueAtMs = dueTimes.take(delivery.records[0]!);
      if (dueAtMs !== undefined) metrics.record('DueTimeError', Math.max(0, clock.nowMs() - dueAtMs));
      await makeAttempt(settings, invocation, delivery, admission.claim, askedMs);
      return undefined;
    }
    case 'condemned':
      await finishCondemned(settings, invocation, delivery, admission);
      return undefined;
    case 'settled':
      invocation.batch.done(delivery.records, 'duplicate');
      return undefined;
    case 'wait':
      metrics.record('RateLimitedMessages', 1);
      dueTimes.note(delivery.records[0]!, admission.dueAtMs);
      return await holdOrPark(settings, invocation, delivery, { untilMs: admission.dueAtMs, for: 'place' });
    case 'busy':
      return await holdOrPark(settings, invocation, delivery, { untilMs: admission.retryAtMs, for: 'claim' });
    case 'unavailable': {
      const about = { ...delivery.terms, key: delivery.message.key, leaseMs };
      const untilMs = clock.nowMs() + limiter.awayMs(about, random.next());
      return void (await waitInQueue(settings, invocation, delivery, {
        untilMs,
        for: 'limiter',
        attempts: 0,
      }));
    }
  }
}

/**
 * The urgent ones first. Among equals one of each key, then the next of each: a key whose answer does not come must not
 * take every slot.
 */
function inOrderOfStart<Payload>(deliveries: readonly Delivery<Payload>[]): readonly Delivery<Payload>[] {
  const seen = new Map<string, number>();
  return deliveries
    .map((delivery) => {
      const { key, priority } = delivery.message;
      const kind = JSON.stringify([key, priority]);
      const turn = seen.get(kind) ?? 0;
      seen.set(kind, turn + 1);
      return { delivery, rank: rankOf(priority), turn };
    })
    .toSorted((a, b) => a.rank - b.rank || a.turn - b.turn)
    .map(({ delivery }) => delivery);
}
