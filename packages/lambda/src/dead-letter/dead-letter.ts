import type { SqsRecord } from '../message/event.ts';
import type { Invocation } from '../batch/invocation.ts';
import { MAX_VERDICT_TEXT, type Claim, type Verdict } from '../limiter/limiter.ts';
import type { Settings } from '../options.ts';
import { nameOf } from '../thrown.ts';
import { MAX_MESSAGE_BYTES, sendDeadLetter, type DeadLetterCause } from './letter.ts';
import { inNextLife } from './next-life.ts';
import type { Delivery, Undecided, Unreadable } from '../message/read-message.ts';
import { settle } from '../attempt/settlements.ts';

/** Why a message is set aside, and whether `deliver` was called under the claim that ends with it. */
export interface Cause {
  readonly reason: string;
  readonly errorName: string;
  readonly uncalled?: true;
}

/** What the dead letter of a claimed message will say. */
export function verdictOn(
  { maxAttempts }: Settings,
  claim: Claim,
  { reason, errorName, uncalled }: Cause,
): Verdict {
  return {
    reason: reason.slice(0, MAX_VERDICT_TEXT),
    errorName: errorName.slice(0, MAX_VERDICT_TEXT),
    attempts: Math.min(uncalled ? claim.attempt - 1 : claim.attempt, maxAttempts),
  };
}

/**
 * Sends a dead letter, then records it, then acknowledges its message; false when it could not be sent. The order
 * makes every crash harmless: before the record the letter is sent again, after it the message is recognised
 * (decision 12). Never throws.
 */
export async function setAside(
  settings: Settings,
  { batch, queue }: Invocation,
  { message, terms, records }: Delivery,
  { token }: Pick<Claim, 'token'>,
  { reason, errorName, attempts }: Verdict,
): Promise<boolean> {
  const { key, id, life } = message;
  const cause = { reason, messageId: id, errorName, attempts };
  if (!(await buryMessage(settings, records[0]!, cause, key))) return false;
  await settle(settings, terms, { key, queue, id, life, token }, { outcome: 'dead' });
  batch.done(records, 'dead');
  settings.onEvent({ kind: 'dead', key, messageId: id, reason, attempts });
  return true;
}

/** Why a message became a dead letter that would still have waited when SQS deletes it. */
export const BEYOND_RETENTION = 'waits-beyond-retention';

/**
 * Sets aside a message that would wait longer than its queue keeps it; false when the letter could not be sent. The
 * limiter is told, so that it keeps no place in line for it. Never throws.
 */
export async function refuseWait(
  settings: Settings,
  { batch, queue }: Invocation,
  { message, records }: Delivery,
  attempts: number,
): Promise<boolean> {
  const { cancel, logger, onEvent } = settings;
  const { id, key, life } = message;
  const cause = { reason: BEYOND_RETENTION, messageId: id, attempts };
  if (!(await buryMessage(settings, records[0]!, cause, key))) return false;
  try {
    await cancel?.(key, id, { queueUrl: queue, life });
  } catch (error) {
    logger.warn(
      { messageId: id, error: nameOf(error) },
      'a message that was set aside keeps its place in line',
    );
  }
  batch.done(records, 'dead');
  onEvent({ kind: 'dead', key, messageId: id, reason: BEYOND_RETENTION, attempts });
  return true;
}

/**
 * Sets aside a record that no attempt could deliver, byte for byte: the limiter never heard of it, so it may come back as
 * it is. Never throws.
 */
export async function finishUnreadable(
  settings: Settings,
  { batch }: Invocation,
  { record, reason, detail }: Unreadable,
): Promise<void> {
  const cause = { reason, detail, messageId: record.messageId, attempts: 0 };
  if (!(await bury(settings, record, record.body, cause, undefined)))
    return batch.keep([record], 'unfinished');
  batch.done([record], 'dead');
  settings.onEvent({ kind: 'unreadable', sqsMessageId: record.messageId, reason });
}

/** Leaves a record in its queue about which nothing could be decided, for the queue's own visibility timeout. */
export function finishUndecided(
  { logger }: Settings,
  { batch }: Invocation,
  { record, cause }: Pick<Undecided, 'record' | 'cause'>,
): void {
  logger.error(
    { sqsMessageId: record.messageId, cause },
    'a message stays in its queue: nothing was decided',
  );
  batch.keep([record], 'unfinished');
}

/** Sends the letter of a message that is final with it, in its next life. */
async function buryMessage(
  settings: Settings,
  record: SqsRecord,
  cause: DeadLetterCause,
  groupId: string,
): Promise<boolean> {
  const body = inNextLife(record.body, MAX_MESSAGE_BYTES);
  if (body === undefined)
    settings.logger.warn(
      { sqsMessageId: record.messageId, messageId: cause.messageId },
      'a dead letter has no room for its next life: send its payload under a new id instead of moving it back',
    );
  return await bury(settings, record, body ?? record.body, cause, groupId);
}

async function bury(
  { sqs, deadLetterQueueUrl, metrics, logger }: Settings,
  record: SqsRecord,
  body: string,
  cause: DeadLetterCause,
  groupId: string | undefined,
): Promise<boolean> {
  try {
    await sendDeadLetter(sqs, deadLetterQueueUrl, record, body, cause, groupId);
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
