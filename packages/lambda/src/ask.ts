import type { Delivery } from './delivery/read.ts';
import { holdOrPark } from './hold-or-park.ts';
import type { Invocation } from './invocation.ts';
import type { LimiterOutage } from './limiter-outages.ts';
import type { Admission, Claim } from './limiter/limiter.ts';
import type { Settings } from './options.ts';
import { outageDelayMs } from './parking/outage.ts';
import { receivesOf } from './received.ts';
import { waitInQueue } from './wait-in-queue.ts';

/** A message of this batch that has yet to be asked about. */
export interface Pending<Payload> {
  readonly delivery: Delivery<Payload>;
  /** From when on, by the monotonic clock: setting the wall clock does not prolong a hold. */
  readonly askAtMs: number;
}

/** Begins a delivery that was granted, to a question asked at `askedMs` by the monotonic clock. */
export type Start<Payload> = (delivery: Delivery<Payload>, claim: Claim, askedMs: number) => void;

/** Asks about messages of one key, and acts on the answers. Gives back those to be held and asked about again. */
export async function ask<Payload>(
  settings: Settings,
  invocation: Invocation,
  deliveries: readonly Delivery<Payload>[],
  start: Start<Payload>,
): Promise<readonly Pending<Payload>[]> {
  const { clock, metrics, dueTimes } = settings;
  const askedMs = clock.monotonicMs();
  const admissions = await answersTo(settings, invocation, deliveries);
  if (!admissions) {
    await Promise.all(deliveries.map((delivery) => parkThroughOutage(settings, invocation, delivery)));
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
      case 'busy': {
        const askAtMs = await holdOrPark(settings, invocation, delivery, admission);
        return askAtMs === undefined ? [] : [{ delivery, askAtMs }];
      }
    }
  });
  return (await Promise.all(decided)).flat();
}

/** The limiter's answers to messages of one key and the same limits, in their order; undefined when it has none. */
async function answersTo(
  { limiter, agingMs, leaseMs, metrics, onEvent }: Settings,
  { batch, queue }: Invocation,
  deliveries: readonly Delivery[],
): Promise<readonly Admission[] | undefined> {
  const {
    message: { key },
    terms: { limits, marginMs },
  } = deliveries[0]!;
  const candidates = deliveries.map(({ message: { id, life, priority }, terms: { cost } }) => ({
    id,
    ...(life !== undefined && { life }),
    priority,
    cost,
  }));
  const unavailable = (error: unknown, leadsTo: LimiterOutage['leadsTo']) => {
    const messages = deliveries.length;
    batch.outages.push({ messages, error, leadsTo });
    metrics.record('LimiterUnavailable', messages);
    onEvent({ kind: 'limiter-unavailable', key, messages });
  };
  try {
    const request = { key, queue, limits, marginMs, candidates, leaseMs, agingMs };
    return await limiter.admit(request, (error) => unavailable(error, 'local share'));
  } catch (error) {
    unavailable(error, 'parking');
    return undefined;
  }
}

/** Without a limiter nothing is admitted: a message comes back later and later, until it answers. */
async function parkThroughOutage(
  settings: Settings,
  invocation: Invocation,
  delivery: Delivery,
): Promise<void> {
  const { clock, random } = settings;
  const untilMs = clock.nowMs() + outageDelayMs(receivesOf(delivery.records[0]!), random.next());
  await waitInQueue(settings, invocation, delivery, { untilMs, for: 'limiter', attempts: 0 });
}
