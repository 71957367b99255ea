import { mergeTwins, recordsOf, type ReadRecord } from './message/read-message.ts';
import { finishUndelivered } from './dead-letter/undelivered.ts';
import type { Invocation } from './batch/invocation.ts';
import type { DeliverySettings } from './options.ts';
import { pace } from './pace.ts';

/**
 * Takes the records of a FIFO queue through the limiter: groups side by side, each in its order. The first record
 * of a group that is not final ends it: those behind it are listed unstarted, as Lambda requires
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
 *
 * The first alone is parked. SQS gives out nothing of a group while one of its messages is in flight
 * (https://repost.aws/knowledge-center/sqs-fifo-messages-not-returned), so those behind it are shown at once: they
 * cost no receive until it returns, and come back together with it.
 */
export async function inOrder<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  read: readonly ReadRecord<Payload>[],
): Promise<void> {
  // One message that was received twice is hidden, or shown, under both its receipts. Others keep their places.
  const merged = mergeTwins(read, ({ messageId }) => messageId);
  const groups = [...Map.groupBy(merged, groupOf).values()];
  const waiting = groups.values();
  // As many lanes as messages may be delivered at once: a lane has one message in hand.
  const lane = async () => {
    for (const group of waiting) await inTurn(settings, invocation, group);
  };
  await Promise.all(Array.from({ length: Math.min(settings.concurrency, groups.length) }, lane));
}

async function inTurn<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  group: readonly ReadRecord<Payload>[],
): Promise<void> {
  const { batch } = invocation;
  for (const [index, one] of group.entries()) {
    await handleOne(settings, invocation, one);
    if (batch.isDone(recordsOf(one))) continue;
    const behind = group.slice(index + 1).flatMap(recordsOf);
    invocation.show(behind);
    batch.keep(behind, 'behind');
    return;
  }
}

async function handleOne<Payload>(
  settings: DeliverySettings<Payload>,
  invocation: Invocation,
  one: ReadRecord<Payload>,
): Promise<void> {
  if (one.kind === 'delivery') await pace(settings, invocation, [one.delivery]);
  else await finishUndelivered(settings, invocation, one);
}

/** A FIFO queue names the group of every message; a record without one stands alone. */
function groupOf(one: ReadRecord<unknown>): string {
  const { attributes, messageId } = recordsOf(one)[0]!;
  return attributes.MessageGroupId ?? messageId;
}
