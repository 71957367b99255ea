import { mergeTwins, type ReadRecord } from './message/read-message.ts';
import { finishUndelivered } from './dead-letter/undelivered.ts';
import type { Invocation } from './batch/invocation.ts';
import type { DeliverySettings } from './options.ts';
import { pace } from './pace.ts';

/** Takes the records of a standard queue through the limiter, all of them side by side. */
export async function atOnce<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  read: readonly ReadRecord<Payload>[],
): Promise<void> {
  const deliveries = mergeTwins(read).flatMap((one) => (one.kind === 'delivery' ? [one.delivery] : []));
  await Promise.all([
    ...read.map(async (one) => {
      if (one.kind !== 'delivery') await finishUndelivered(settings, invocation, one);
    }),
    pace(settings, invocation, deliveries),
  ]);
}
