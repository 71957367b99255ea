import type { Claim, Admission } from './limiter/limiter.ts';
import type { Invocation } from './invocation.ts';
import type { DeliverySettings, Settings } from './options.ts';
import { deliverOnce } from './delivery/deliver.ts';
import { finish } from './delivery/finish.ts';
import type { Delivery } from './delivery/read.ts';
import { outageDelayMs } from './parking/outage.ts';

/** A message of this batch that has yet to be asked about, and from when on. */
interface Pending<Payload> {
  readonly delivery: Delivery<Payload>;
  readonly askAtMs: number;
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
  const { clock, concurrency } = settings;
  const running = new Set<Promise<void>>();
  let pending: readonly Pending<Payload>[] = deliveries.map((delivery) => ({ delivery, askAtMs: 0 }));

  const start = (delivery: Delivery<Payload>, claim: Claim, askedMs: number) => {
    const task = deliver(settings, invocation, delivery, claim, askedMs).finally(() => running.delete(task));
    running.add(task);
  };

  while (pending.length > 0 && invocation.timeLeftMs() > 0) {
    const nowMs = clock.nowMs();
    const ready = pending.filter(({ askAtMs }) => askAtMs <= nowMs).slice(0, concurrency - running.size);
    if (ready.length > 0) {
      const held = await Promise.all(byKey(ready).map((group) => ask(settings, invocation, group, start)));
      pending = [...pending.filter((one) => !ready.includes(one)), ...held.flat()];
    } else {
      await nextEvent(settings, pending, running);
    }
  }
  invocation.batch.keep(
    pending.flatMap(({ delivery }) => delivery.records),
    'unfinished',
  );
  await Promise.all(running);
}

/** Asks about messages of one key, and acts on the answers. Gives back those to be held and asked about again. */
async function ask<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  deliveries: readonly Delivery<Payload>[],
  start: (delivery: Delivery<Payload>, claim: Claim, askedMs: number) => void,
): Promise<readonly Pending<Payload>[]> {
  const { clock, limiter, limits, marginMs, leaseMs } = settings;
  const askedMs = clock.monotonicMs();
  const { key } = deliveries[0]!.message;
  const candidates = deliveries.map(({ message: { id, priority } }) => ({ id, priority }));
  let admissions: readonly Admission[];
  try {
    admissions = await limiter.admit({ key, limits, marginMs, candidates, leaseMs });
  } catch (error) {
    parkThroughOutage(settings, invocation, deliveries, error);
    return [];
  }
  return deliveries.flatMap((delivery, index) => {
    const admission = admissions[index]!;
    switch (admission.kind) {
      case 'granted':
        start(delivery, admission.claim, askedMs);
        return [];
      case 'settled':
        invocation.batch.done(delivery.records, 'duplicate');
        return [];
      case 'wait':
      case 'busy':
        return holdOrPark(settings, invocation, delivery, admission);
    }
  });
}

async function deliver<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  delivery: Delivery<Payload>,
  claim: Claim,
  askedMs: number,
): Promise<void> {
  const { clock, random, leaseMs } = settings;
  const timeoutMs = Math.min(askedMs + leaseMs - clock.monotonicMs(), invocation.timeLeftMs());
  const policy = { ...settings, jitter: () => random.next() };
  const fate = await deliverOnce(settings.deliver, delivery.message, claim, timeoutMs, policy);
  await finish(settings, invocation, delivery, claim, fate);
}

function holdOrPark<Payload>(
  { metrics }: Settings,
  { holdUntilMs, batch, parkUntil, parkUntilDue }: Invocation,
  delivery: Delivery<Payload>,
  admission: Extract<Admission, { kind: 'wait' | 'busy' }>,
): readonly Pending<Payload>[] {
  const askAtMs = admission.kind === 'wait' ? admission.dueAtMs : admission.retryAtMs;
  if (admission.kind === 'wait') metrics.record('RateLimitedMessages', 1);
  if (askAtMs <= holdUntilMs) return [{ delivery, askAtMs }];
  if (admission.kind === 'wait') parkUntilDue(delivery.records, askAtMs);
  else parkUntil(delivery.records, askAtMs);
  batch.keep(delivery.records, 'parked');
  return [];
}

/** Without a limiter nothing is admitted: the messages come back later and later, until it answers. */
function parkThroughOutage<Payload>(
  { clock, random, logger }: Settings,
  invocation: Invocation,
  deliveries: readonly Delivery<Payload>[],
  error: unknown,
): void {
  logger.error(
    { messages: deliveries.length, error: error instanceof Error ? error.message : 'unknown' },
    'the limiter is unavailable: messages are parked',
  );
  for (const { records } of deliveries) {
    const receives = Number(records[0]?.attributes.ApproximateReceiveCount ?? 1);
    invocation.parkUntil(records, clock.nowMs() + outageDelayMs(receives, random.next()));
    invocation.batch.keep(records, 'parked');
  }
}

/** Waits for the first of: a held message's time, the end of a delivery, the end of the invocation's time. */
async function nextEvent<Payload>(
  { clock }: Settings,
  pending: readonly Pending<Payload>[],
  running: ReadonlySet<Promise<void>>,
): Promise<void> {
  const woken = new AbortController();
  const nowMs = clock.nowMs();
  const future = pending.map(({ askAtMs }) => askAtMs).filter((atMs) => atMs > nowMs);
  const sleep = future.length > 0 ? [clock.sleep(Math.min(...future) - nowMs, woken.signal)] : [];
  await Promise.race([...sleep, ...running]);
  woken.abort();
}

function byKey<Payload>(pending: readonly Pending<Payload>[]): readonly (readonly Delivery<Payload>[])[] {
  const groups = Map.groupBy(
    pending.map(({ delivery }) => delivery),
    ({ message }) => message.key,
  );
  return [...groups.values()];
}
