import { makeAttempt } from './attempt.ts';
import { reportOutages, type LimiterOutage } from './limiter-outages.ts';
import type { Claim, Admission } from './limiter/limiter.ts';
import { firstPlace } from './limiter/place.ts';
import type { Invocation } from './invocation.ts';
import type { DeliverySettings, Settings } from './options.ts';
import type { Delivery } from './delivery/read.ts';
import { outageDelayMs } from './parking/outage.ts';
import { receivesOf } from './received.ts';
import { waitInQueue } from './wait-in-queue.ts';

/** A message of this batch that has yet to be asked about. */
interface Pending<Payload> {
  readonly delivery: Delivery<Payload>;
  /** From when on, by the monotonic clock: setting the wall clock does not prolong a hold. */
  readonly askAtMs: number;
}

/** What answers lead to besides holding and parking. */
interface Consequences<Payload> {
  start(delivery: Delivery<Payload>, claim: Claim, askedMs: number): void;
  outage(outage: LimiterOutage): void;
}

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
  const { clock, concurrency, logger } = settings;
  const running = new Set<Promise<void>>();
  let pending: readonly Pending<Payload>[] = deliveries
    .toSorted((a, b) => firstPlace(a.message.priority) - firstPlace(b.message.priority))
    .map((delivery) => ({ delivery, askAtMs: 0 }));

  const outages: LimiterOutage[] = [];
  const consequences: Consequences<Payload> = {
    start(delivery, claim, askedMs) {
      const task = makeAttempt(settings, invocation, delivery, claim, askedMs).finally(() =>
        running.delete(task),
      );
      running.add(task);
    },
    outage: (outage) => void outages.push(outage),
  };

  while (pending.length > 0 && invocation.timeLeftMs() > 0) {
    const nowMs = clock.monotonicMs();
    const ready = pending.filter(({ askAtMs }) => askAtMs <= nowMs).slice(0, concurrency - running.size);
    if (ready.length > 0) {
      const held = await Promise.all(
        byQuestion(ready).map((group) => ask(settings, invocation, group, consequences)),
      );
      pending = [...pending.filter((one) => !ready.includes(one)), ...held.flat()];
    } else {
      await nextEvent(settings, pending, running);
    }
  }
  for (const { delivery } of pending) invocation.parkUntil(delivery, clock.nowMs(), 'unfinished');
  await Promise.all(running);
  reportOutages(logger, outages);
}

/** Asks about messages of one key, and acts on the answers. Gives back those to be held and asked about again. */
async function ask<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  asking: readonly Pending<Payload>[],
  { start, outage }: Consequences<Payload>,
): Promise<readonly Pending<Payload>[]> {
  const { clock, limiter, agingMs, leaseMs, metrics, dueTimes, onEvent } = settings;
  const deliveries = asking.map(({ delivery }) => delivery);
  const askedMs = clock.monotonicMs();
  const { message, terms } = deliveries[0]!;
  const { key } = message;
  const candidates = deliveries.map(({ message: { id, priority }, terms: { cost } }) => ({
    id,
    priority,
    cost,
  }));
  const unavailable = (error: unknown, leadsTo: LimiterOutage['leadsTo']) => {
    const messages = deliveries.length;
    outage({ messages, error, leadsTo });
    metrics.record('LimiterUnavailable', messages);
    onEvent({ kind: 'limiter-unavailable', key, messages });
  };
  let admissions: readonly Admission[];
  try {
    const { limits, marginMs } = terms;
    const request = { key, limits, marginMs, candidates, leaseMs, agingMs };
    admissions = await limiter.admit(request, (error) => unavailable(error, 'local share'));
  } catch (error) {
    unavailable(error, 'parking');
    await parkThroughOutage(settings, invocation, deliveries);
    return [];
  }
  const decided = deliveries.map(async (delivery, index) => {
    const admission = admissions[index]!;
    switch (admission.kind) {
      case 'granted': {
        const dueAtMs = dueTimes.take(delivery.records[0]!);
        if (dueAtMs !== undefined) metrics.record('DueTimeError', Math.max(0, clock.nowMs() - dueAtMs));
        start(delivery, admission.claim, askedMs);
        return [];
      }
      case 'settled':
        invocation.batch.done(delivery.records, 'duplicate');
        return [];
      case 'wait':
      case 'busy':
        return await holdOrPark(settings, invocation, delivery, admission);
    }
  });
  return (await Promise.all(decided)).flat();
}

async function holdOrPark<Payload>(
  settings: Settings,
  invocation: Invocation,
  delivery: Delivery<Payload>,
  admission: Extract<Admission, { kind: 'wait' | 'busy' }>,
): Promise<readonly Pending<Payload>[]> {
  const { clock, metrics, dueTimes, onEvent } = settings;
  const dueAtMs = admission.kind === 'wait' ? admission.dueAtMs : admission.retryAtMs;
  // At least a millisecond, lest a limiter that always says "now" is asked for ever without a pause.
  const waitMs = Math.max(1, dueAtMs - clock.nowMs());
  if (admission.kind === 'wait') {
    metrics.record('RateLimitedMessages', 1);
    dueTimes.note(delivery.records[0]!, dueAtMs);
  }
  if (waitMs <= invocation.holdLeftMs()) {
    metrics.record('HeldMessages', 1);
    onEvent({ kind: 'held', key: delivery.message.key, messageId: delivery.message.id, dueAtMs });
    return [{ delivery, askAtMs: clock.monotonicMs() + waitMs }];
  }
  const wait = { untilMs: dueAtMs, for: admission.kind === 'wait' ? 'place' : 'claim' } as const;
  await waitInQueue(settings, invocation, delivery, wait);
  return [];
}

/** Without a limiter nothing is admitted: the messages come back later and later, until it answers. */
async function parkThroughOutage<Payload>(
  settings: Settings,
  invocation: Invocation,
  deliveries: readonly Delivery<Payload>[],
): Promise<void> {
  const { clock, random } = settings;
  await Promise.all(
    deliveries.map(async (delivery) => {
      const untilMs = clock.nowMs() + outageDelayMs(receivesOf(delivery.records[0]!), random.next());
      await waitInQueue(settings, invocation, delivery, { untilMs, for: 'limiter', attempts: 0 });
    }),
  );
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
function byQuestion<Payload>(pending: readonly Pending<Payload>[]): readonly (readonly Pending<Payload>[])[] {
  const questionOf = ({ delivery: { message, terms } }: Pending<Payload>) =>
    JSON.stringify([message.key, terms.limits]);
  return [...Map.groupBy(pending, questionOf).values()];
}
