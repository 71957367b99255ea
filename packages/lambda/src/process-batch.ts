import { errorMessage, errorName, inLanes } from '@huntaze/kit';
import { deliverAndSettle, type AttemptSettings } from './attempt/attempt.ts';
import { settleCondemned } from './attempt/settle.ts';
import type { Admissions } from './batch/admissions.ts';
import type { Batch } from './batch/batch.ts';
import type { Settlements } from './batch/settlements.ts';
import { openSlots, type Slots } from './batch/slots.ts';
import { deadLetterUnreadable } from './dead-letter/dead-letter.ts';
import type { HandlerLimiter } from './handler-limiter/handler-limiter.ts';
import { rankOf } from './limiter/queue-position.ts';
import { isFinal, unfinishedUntil, type Conclusion } from './message/conclusion.ts';
import { mergeDuplicates, readMessages, type ReadOptions } from './message/read-message.ts';
import type { Received, ReceivedMessage } from './message/received.ts';
import type { DueTimes } from './parking/due-times.ts';
import { park, type Wait } from './parking/park.ts';

interface ProcessSettings<Payload> extends ReadOptions<Payload>, AttemptSettings<Payload> {
  readonly concurrency: number;
  readonly dueTimes: DueTimes;
  readonly limiter: Pick<HandlerLimiter, 'renew' | 'awayMs'>;
}

/** Shared by all batches of a handler. */
export interface Shared<Payload> {
  readonly settings: ProcessSettings<Payload>;
  readonly admissions: Admissions;
  readonly settlements: Settlements;
}

/** Shared by the messages of one batch. */
interface Work<Payload> extends Shared<Payload> {
  readonly batch: Batch;
  readonly slots: Slots;
}

/** A message that stays in hand until it may ask again. */
interface Hold {
  readonly kind: 'hold';
  readonly waitMs: number;
}

/** Takes the records of a batch to their conclusions: delivered, a dead letter, or back in the queue until their turn. */
export async function processBatch<Payload>(shared: Shared<Payload>, batch: Batch): Promise<void> {
  const { settings } = shared;
  const received = await readMessages(settings, batch.records);
  const work = { ...shared, batch, slots: openSlots(settings.concurrency, settings.clock) };
  await (batch.queue.fifo ? groupsInOrder(work, received) : allAtOnce(work, received));
  await batch.hidden();
}

/** A standard queue: all messages side by side. */
async function allAtOnce<Payload>(
  work: Work<Payload>,
  received: readonly Received<Payload>[],
): Promise<void> {
  const inTurn = inStartOrder(mergeDuplicates(received));
  await Promise.all(inTurn.map(async (one) => work.batch.conclude(one, await processMessage(work, one))));
}

/**
 * A FIFO queue: groups side by side, each in its order. The first message of a group that is not final ends it: the ones
 * behind it are listed unstarted, as Lambda requires
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html).
 *
 * Only the first is parked. SQS hands out nothing of a group while one of its messages is in flight
 * (https://repost.aws/knowledge-center/sqs-fifo-messages-not-returned), so the ones behind it are shown at once: they
 * cost no receive until it returns, and come back together with it.
 */
async function groupsInOrder<Payload>(
  work: Work<Payload>,
  received: readonly Received<Payload>[],
): Promise<void> {
  // A message that was received twice is hidden, or shown, under both its receipts. Others keep their positions.
  const merged = mergeDuplicates(received, ({ messageId }) => messageId);
  const groups = [...Map.groupBy(merged, groupOf).values()];
  const waiting = groups.values();
  // As many lanes as messages may be delivered at once: a lane has one message in hand.
  const lane = async () => {
    for (const group of waiting) await oneAfterTheOther(work, group);
  };
  await inLanes(Math.min(work.settings.concurrency, groups.length), lane);
}

async function oneAfterTheOther<Payload>(
  work: Work<Payload>,
  group: readonly Received<Payload>[],
): Promise<void> {
  for (const [index, one] of group.entries()) {
    const conclusion = await processMessage(work, one);
    work.batch.conclude(one, conclusion);
    if (isFinal(conclusion)) continue;
    for (const behind of group.slice(index + 1)) work.batch.conclude(behind, { kind: 'behind' });
    return;
  }
}

/** One message, from its receive to its conclusion. Never rejects: a failure of our own leaves it in its queue. */
async function processMessage<Payload>(
  work: Work<Payload>,
  received: Received<Payload>,
): Promise<Conclusion> {
  const { settings, slots } = work;
  try {
    if (received.kind === 'unreadable') return await deadLetterUnreadable(settings, received);
    if (received.kind === 'undecided') {
      const { records, cause } = received;
      settings.logger.error(
        { sqsMessageId: records[0].messageId, cause },
        'a message stays in its queue: nothing was decided',
      );
      return { kind: 'left', as: 'unfinished' };
    }
    for (;;) {
      const step = await tryOnce(work, received);
      if (step.kind !== 'hold') return step;
      await slots.pause(step.waitMs);
    }
  } catch (error) {
    const [{ messageId: sqsMessageId }] = received.records;
    settings.logger.error(
      { sqsMessageId, error: errorName(error), cause: errorMessage(error) },
      'a message could not be processed: it stays in its queue',
    );
    return { kind: 'left', as: 'unfinished' };
  }
}

async function tryOnce<Payload>(
  work: Work<Payload>,
  received: ReceivedMessage<Payload>,
): Promise<Conclusion | Hold> {
  await work.slots.take();
  try {
    return await admitAndDeliver(work, received);
  } finally {
    work.slots.free();
  }
}

/** Asks the limiter about a message, and acts on the answer. Never rejects. */
async function admitAndDeliver<Payload>(
  work: Work<Payload>,
  received: ReceivedMessage<Payload>,
): Promise<Conclusion | Hold> {
  const { settings, batch, admissions, settlements } = work;
  const { clock, metrics, dueTimes } = settings;
  const [record] = received.records;
  if (batch.timeLeftMs() <= 0) return unfinishedUntil(clock.nowMs());
  const { admission, askedMs } = await admissions.ask(batch, received);
  switch (admission.kind) {
    case 'granted': {
      const dueAtMs = dueTimes.take(record);
      if (dueAtMs !== undefined) metrics.record('DueTimeError', Math.max(0, clock.nowMs() - dueAtMs));
      return await deliverAndSettle(settings, batch, settlements, received, admission.claim, askedMs);
    }
    case 'condemned':
      return await settleCondemned({ settings, queue: batch.queue, settlements }, received, admission);
    case 'settled':
      return { kind: 'duplicate' };
    case 'wait':
      metrics.record('RateLimitedMessages', 1);
      dueTimes.note(record, admission.dueAtMs);
      return await holdOrPark(work, received, { untilMs: admission.dueAtMs, for: 'slot' });
    case 'busy':
      return await holdOrPark(work, received, { untilMs: admission.retryAtMs, for: 'claim' });
    case 'unavailable':
      return await parkThroughOutage(work, received);
  }
}

/** Holds a message that may ask again before the time for holding is over, and parks any other one. */
async function holdOrPark<Payload>(
  { settings, batch }: Work<Payload>,
  received: ReceivedMessage<Payload>,
  wait: Wait,
): Promise<Conclusion | Hold> {
  const { clock, metrics, onEvent } = settings;
  const { key, id } = received.message;
  // At least a millisecond: a limiter that always answers "now" must not be asked without a pause.
  const waitMs = Math.max(1, wait.untilMs - clock.nowMs());
  if (waitMs > batch.holdLeftMs()) return await park(settings, batch.queue, received, wait);
  metrics.record('HeldMessages', 1);
  onEvent({ kind: 'held', key, messageId: id, dueAtMs: wait.untilMs });
  return { kind: 'hold', waitMs };
}

/** The limiter has no answer: the message stays away for longer the longer this outage lasts. */
async function parkThroughOutage<Payload>(
  { settings, batch }: Work<Payload>,
  received: ReceivedMessage<Payload>,
): Promise<Conclusion> {
  const { limiter, leaseMs, clock, random } = settings;
  const about = { ...received.policy, key: received.message.key, leaseMs };
  const untilMs = clock.nowMs() + limiter.awayMs(about, random.next());
  return await park(settings, batch.queue, received, { untilMs, for: 'limiter', attempts: 0 });
}

/**
 * The urgent ones first. Among equals one of each key, then the next of each: a key whose answer does not come must not
 * take every slot.
 */
function inStartOrder<Payload>(received: readonly Received<Payload>[]): readonly Received<Payload>[] {
  const seen = new Map<string, number>();
  return received
    .map((one) => {
      if (one.kind !== 'message') return { one, rank: -1, turn: 0 };
      const { key, priority } = one.message;
      const equals = JSON.stringify([key, priority]);
      const turn = seen.get(equals) ?? 0;
      seen.set(equals, turn + 1);
      return { one, rank: rankOf(priority), turn };
    })
    .toSorted((a, b) => a.rank - b.rank || a.turn - b.turn)
    .map(({ one }) => one);
}

/** A FIFO queue names the group of every message; a record without one stands alone. */
function groupOf({ records: [record] }: Received): string {
  return record.attributes.MessageGroupId ?? record.messageId;
}
