import { DEFAULT_RETENTION_MS, attributeNumber, awsErrorName, withTimeout } from '@huntaze/kit';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { Clock, Logger } from '@huntaze/rate-limiter-client/contract';
import type { SqsClient } from '../sqs/sqs-client.ts';

/** The attributes of a queue that parking needs. */
export interface QueueAttributes {
  /** Messages that are received and not deleted, parked ones among them. About right, and up to a minute old. */
  readonly inFlight: number;
  /** How long a received message stays hidden when nobody parks it; undefined when that is unknown. */
  readonly visibilityMs: number | undefined;
  /** How long the queue keeps a message, from when it was sent. */
  readonly retentionMs: number;
}

/** Returns the attributes of a queue, as far as they are known. Never rejects. */
export type QueueAttributesReader = (queueUrl: string) => Promise<QueueAttributes>;

export interface QueueAttributesOptions {
  readonly sqs: SqsClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Instead of what the queue says. */
  readonly retentionMs: number | undefined;
}

/** How long an answer is used, and a failure is not repeated. */
const FRESH_MS = 60_000;

/** The first answer is waited for no longer than this: parking must not take much longer than without it. */
const FIRST_ANSWER_MS = 1_000;

/**
 * Reads a queue's attributes when a message is to be parked, at most once a minute; the first answer is waited for,
 * later ones are used when they are there. While they cannot be read, messages are parked as if there was room, for
 * a queue with SQS's default retention.
 */
export function queueAttributesReader({
  sqs,
  clock,
  logger,
  retentionMs,
}: QueueAttributesOptions): QueueAttributesReader {
  const queues = new Map<string, { readAtMs: number; attributes: Promise<QueueAttributes> }>();
  const unknown: QueueAttributes = {
    inFlight: 0,
    visibilityMs: undefined,
    retentionMs: retentionMs ?? DEFAULT_RETENTION_MS,
  };
  const read = async (queueUrl: string, otherwise: QueueAttributes): Promise<QueueAttributes> => {
    try {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: queueUrl,
          AttributeNames: [
            'ApproximateNumberOfMessagesNotVisible',
            'VisibilityTimeout',
            'MessageRetentionPeriod',
          ],
        }),
      );
      const told = millisecondsIn(Attributes['MessageRetentionPeriod']) ?? DEFAULT_RETENTION_MS;
      return {
        inFlight: attributeNumber(Attributes['ApproximateNumberOfMessagesNotVisible']) ?? 0,
        visibilityMs: millisecondsIn(Attributes['VisibilityTimeout']),
        retentionMs: retentionMs ?? told,
      };
    } catch (error) {
      logger.warn({ error: awsErrorName(error) }, 'the attributes of the queue could not be read');
      return otherwise;
    }
  };
  const first = (queueUrl: string) =>
    withTimeout({ clock, timeoutMs: FIRST_ANSWER_MS }, () => read(queueUrl, unknown)).catch(() => unknown);
  const refresh = async (queueUrl: string, known: { attributes: Promise<QueueAttributes> }) => {
    const last = await known.attributes;
    known.attributes = Promise.resolve(await read(queueUrl, last));
  };
  return async (queueUrl) => {
    const nowMs = clock.monotonicMs();
    const known = queues.get(queueUrl);
    if (!known) {
      const attributes = first(queueUrl);
      queues.set(queueUrl, { readAtMs: nowMs, attributes });
      return await attributes;
    }
    const { attributes } = known;
    if (nowMs - known.readAtMs >= FRESH_MS) {
      known.readAtMs = nowMs;
      void refresh(queueUrl, known);
    }
    return await attributes;
  };
}

/** A number of seconds, in milliseconds; undefined unless it is a whole number. */
function millisecondsIn(attribute: string | undefined): number | undefined {
  const seconds = attributeNumber(attribute);
  return seconds === undefined ? undefined : seconds * 1_000;
}
