import { MAX_BYTES, awsErrorName, errorName } from '@huntaze/kit';
import type { Logger, Message, Metrics } from '@huntaze/rate-limiter-client/contract';
import { MAX_VERDICT_TEXT, type Claim, type Verdict } from '../limiter/limiter.ts';
import type { LimiterOperations, MessageState } from '../limiter/operations.ts';
import type { Conclusion } from '../message/conclusion.ts';
import type { SqsRecord } from '../message/event.ts';
import type { ReceivedMessage, Unreadable } from '../message/received.ts';
import type { SqsClient } from '../sqs/sqs-client.ts';
import { sendLetter, type DeadLetterCause } from './letter.ts';
import { inNextLife } from './next-life.ts';

/** How long a message waits whose dead letter could not be sent. */
export const DEAD_LETTER_RETRY_MS = 30_000;

/** Why a message became a dead letter that would still have waited when SQS deletes it. */
export const BEYOND_RETENTION = 'waits-beyond-retention';

/** The settings for sending dead letters. */
export interface DeadLetterSettings {
  readonly sqs: SqsClient;
  readonly deadLetterQueueUrl: string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly maxAttempts: number;
  readonly find: LimiterOperations['find'] | undefined;
  readonly cancel: LimiterOperations['cancel'] | undefined;
}

/** Why a claimed message becomes a dead letter, and whether `deliver` was called under its claim. */
export interface Cause {
  readonly reason: string;
  readonly errorName: string;
  readonly uncalled?: true;
}

/** The text of the dead letter of a claimed message. */
export function verdictOn({ maxAttempts }: DeadLetterSettings, { attempt }: Claim, cause: Cause): Verdict {
  return {
    reason: cause.reason.slice(0, MAX_VERDICT_TEXT),
    errorName: cause.errorName.slice(0, MAX_VERDICT_TEXT),
    attempts: Math.min(cause.uncalled ? attempt - 1 : attempt, maxAttempts),
  };
}

/** Sends the dead letter of a message; undefined when it could not be sent. Never rejects. */
export async function deadLetter(
  settings: DeadLetterSettings,
  { message: { key, id }, records: [record] }: ReceivedMessage,
  verdict: Verdict,
): Promise<Conclusion | undefined> {
  const { reason, attempts } = verdict;
  const cause = { ...verdict, messageId: id };
  if (!(await sendInNextLife(settings, record, cause, key))) return undefined;
  return { kind: 'dead', reason, attempts };
}

/**
 * Sends the dead letter of a message that would wait longer than its queue keeps it; undefined when it could not be sent.
 * Then the limiter frees its position. `attempts`: undefined asks the limiter. Never rejects.
 */
export async function deadLetterWaiter(
  settings: DeadLetterSettings,
  { message, records: [record] }: ReceivedMessage,
  queue: string,
  known: number | undefined,
): Promise<Conclusion | undefined> {
  const { cancel, logger } = settings;
  const { id, key, life } = message;
  const attempts = known ?? (await attemptsMade(settings, message, queue));
  const cause = { reason: BEYOND_RETENTION, messageId: id, attempts };
  if (!(await sendInNextLife(settings, record, cause, key))) return undefined;
  try {
    await cancel?.(key, id, { queueUrl: queue, life });
  } catch (error) {
    logger.warn(
      { messageId: id, error: errorName(error) },
      'a dead-lettered message keeps its position in the wait queue',
    );
  }
  return { kind: 'dead', reason: BEYOND_RETENTION, attempts };
}

/**
 * Sends the dead letter of an unreadable record, byte for byte: the limiter does not know it, so it may come back as it
 * is. Never rejects.
 */
export async function deadLetterUnreadable(
  settings: DeadLetterSettings,
  { records: [record], reason, detail }: Unreadable,
): Promise<Conclusion> {
  const cause = { reason, detail, messageId: record.messageId, attempts: 0 };
  return (await send(settings, record, record.body, cause, undefined))
    ? { kind: 'unreadable', reason }
    : { kind: 'left', as: 'unfinished' };
}

/** Sends the letter of a message that is final with it, in its next life. */
async function sendInNextLife(
  settings: DeadLetterSettings,
  record: SqsRecord,
  cause: DeadLetterCause,
  groupId: string,
): Promise<boolean> {
  const body = inNextLife(record.body, MAX_BYTES);
  if (body === undefined)
    settings.logger.warn(
      { sqsMessageId: record.messageId, messageId: cause.messageId },
      'a dead letter has no room for its next life: send its payload under a new id instead of moving it back',
    );
  return await send(settings, record, body ?? record.body, cause, groupId);
}

async function send(
  { sqs, deadLetterQueueUrl, metrics, logger }: DeadLetterSettings,
  record: SqsRecord,
  body: string,
  cause: DeadLetterCause,
  groupId: string | undefined,
): Promise<boolean> {
  try {
    await sendLetter(sqs, deadLetterQueueUrl, record, body, cause, groupId);
    metrics.record('MessagesFailed', 1);
    logger.error({ sqsMessageId: record.messageId, ...cause }, 'a message became a dead letter');
    return true;
  } catch (error) {
    logger.error(
      { sqsMessageId: record.messageId, ...cause, error: awsErrorName(error) },
      'a dead letter could not be sent: the message stays in its queue',
    );
    return false;
  }
}

/** How many attempts were made of a message that waits, as the limiter says; 0 where it cannot. Never throws. */
async function attemptsMade(
  { find, maxAttempts, logger }: DeadLetterSettings,
  { key, id, life }: Message<unknown>,
  queueUrl: string,
): Promise<number> {
  if (!find) return 0;
  try {
    return Math.min(attemptsIn(await find(key, id, { queueUrl, life })), maxAttempts);
  } catch (error) {
    logger.warn(
      { messageId: id, error: errorName(error) },
      'the attempts of a message are not known: its dead letter says 0',
    );
    return 0;
  }
}

function attemptsIn(found: MessageState): number {
  if ('attempts' in found) return found.attempts;
  return found.state === 'delivering' ? found.attempt : 0;
}
