import type { Invocation } from '../invocation.ts';
import type { Claim, Settlement } from '../limiter/limiter.ts';
import type { Settings } from '../options.ts';
import { messageOf, nameOf } from '../thrown.ts';
import { sendDeadLetter } from './dead-letter.ts';
import type { Fate } from './fate.ts';
import type { Delivery, Unreadable } from './read.ts';

/** How long a message waits whose dead letter could not be sent. */
const DEAD_LETTER_RETRY_MS = 30_000;

/** Carries out a fate: records it with the limiter, then acknowledges, parks or sets aside. Never throws. */
export async function finish(
  settings: Settings,
  invocation: Invocation,
  { message, records }: Delivery,
  claim: Claim,
  fate: Fate,
): Promise<void> {
  const { clock, metrics, logger } = settings;
  const { batch } = invocation;
  const record = (settlement: Outcome) => settle(settings, claim, settlement);
  switch (fate.kind) {
    case 'delivered': {
      await record({ outcome: 'delivered' });
      batch.done(records, 'delivered');
      metrics.record('MessagesSent', 1);
      metrics.record('QueueLatency', Math.max(0, clock.nowMs() - message.enqueuedAtMs));
      return;
    }
    case 'retry': {
      logger.warn(
        { messageId: message.id, attempt: claim.attempt, error: fate.errorName },
        'a delivery failed and is tried again',
      );
      await record({ outcome: 'retry', retryAfterMs: fate.afterMs });
      invocation.parkUntil(records, clock.nowMs() + fate.afterMs);
      batch.keep(records, 'retried');
      return;
    }
    case 'silence': {
      logger.warn(
        { messageId: message.id, holdMs: fate.holdMs },
        'the upstream asked for silence: its key is held',
      );
      await record({ outcome: 'release', holdMs: fate.holdMs });
      invocation.parkUntilDue(records, clock.nowMs() + fate.holdMs);
      batch.keep(records, 'parked');
      return;
    }
    case 'dead': {
      const { reason, errorName } = fate;
      // A claim beyond the last attempt is not delivered: it only finds that out.
      const attempts = Math.min(claim.attempt, settings.maxAttempts);
      const sent = await bury(settings, records[0]!, { reason, errorName, attempts }, message.key);
      if (sent) {
        await record({ outcome: 'dead' });
        batch.done(records, 'dead');
        return;
      }
      await record({ outcome: 'retry', retryAfterMs: DEAD_LETTER_RETRY_MS });
      invocation.parkUntil(records, clock.nowMs() + DEAD_LETTER_RETRY_MS);
      batch.keep(records, 'unfinished');
      return;
    }
    case 'not-started': {
      await record({ outcome: 'release', holdMs: 0 });
      invocation.parkUntil(records, clock.nowMs());
      batch.keep(records, 'unfinished');
      return;
    }
    case 'unknown': {
      logger.error(
        { messageId: message.id, attempt: claim.attempt },
        'a delivery did not end in time: its outcome is unknown',
      );
      invocation.parkUntil(records, claim.leaseUntilMs);
      batch.keep(records, 'unfinished');
    }
  }
}

/** Sets aside a record that no attempt could deliver. Never throws. */
export async function finishUnreadable(
  settings: Settings,
  { batch }: Invocation,
  { record, reason, detail }: Unreadable,
): Promise<void> {
  const sent = await bury(settings, record, { reason, detail, attempts: 0 }, undefined);
  if (sent) batch.done([record], 'dead');
  else batch.keep([record], 'unfinished');
}

async function bury(
  { sqs, deadLetterQueueUrl, metrics, logger }: Settings,
  record: Parameters<typeof sendDeadLetter>[2],
  cause: Parameters<typeof sendDeadLetter>[3],
  groupId: string | undefined,
): Promise<boolean> {
  try {
    await sendDeadLetter(sqs, deadLetterQueueUrl, record, cause, groupId);
    metrics.record('MessagesFailed', 1);
    logger.error({ sqsMessageId: record.messageId, ...cause }, 'a message became a dead letter');
    return true;
  } catch (error) {
    logger.error(
      { sqsMessageId: record.messageId, ...cause, error: nameOf(error) },
      'a dead letter could not be sent: the message stays in its queue',
    );
    return false;
  }
}

type Outcome = Settlement extends infer S ? (S extends Settlement ? Omit<S, 'id' | 'token'> : never) : never;

/** A settlement that is lost costs a later duplicate its recognition, not the message. */
async function settle(
  { limiter, limits, marginMs, logger }: Settings,
  { key, id, token }: Claim,
  outcome: Outcome,
): Promise<void> {
  try {
    const [recorded] = await limiter.settle({
      key,
      limits,
      marginMs,
      settlements: [{ id, token, ...outcome }],
    });
    if (!recorded)
      logger.warn({ messageId: id, ...outcome }, 'the claim was lost before its outcome was recorded');
  } catch (error) {
    logger.error({ messageId: id, ...outcome, error: messageOf(error) }, 'an outcome could not be recorded');
  }
}
