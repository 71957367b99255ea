import { GetQueueAttributesCommand, type GetQueueAttributesResult } from '@aws-sdk/client-sqs';
import { attributeNumber, withTimeout } from '@huntaze/kit';
import type { Clock, Logger, Unavailable } from '../contract/index.ts';
import { classify } from './errors.ts';
import type { Sqs } from './sqs.ts';

/**
 * How many messages a queue holds, approximately: SQS counts within about a minute
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html).
 */
export interface QueueCounts {
  /** Ready to be received. */
  readonly waiting: number;
  /** Received and not deleted: in delivery, or parked until their turn. */
  readonly hidden: number;
  /** Sent with a delay that has not passed. */
  readonly delayed: number;
}

interface QueueCountsOptions {
  readonly sqs: Sqs;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long the request may take. */
  readonly timeoutMs: number;
}

/** Reads the counts of a queue. Never throws: what cannot be read is {@link Unavailable}. */
export async function readQueueCounts(
  { sqs, logger, ...timeout }: QueueCountsOptions,
  queueUrl: string,
): Promise<QueueCounts | Unavailable> {
  try {
    const command = new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    });
    const answer = (await withTimeout(timeout, (abortSignal) => sqs.send(command, { abortSignal }))) as
      | GetQueueAttributesResult
      | undefined;
    return toCounts(answer?.Attributes ?? {});
  } catch (error) {
    const { reason } = classify(error);
    logger.warn({ queueUrl, error: reason }, 'the counts of a queue could not be read');
    return { unavailable: reason };
  }
}

function toCounts(attributes: Readonly<Record<string, string | undefined>>): QueueCounts | Unavailable {
  const waiting = attributeNumber(attributes['ApproximateNumberOfMessages']);
  const hidden = attributeNumber(attributes['ApproximateNumberOfMessagesNotVisible']);
  const delayed = attributeNumber(attributes['ApproximateNumberOfMessagesDelayed']);
  if (waiting === undefined || hidden === undefined || delayed === undefined)
    return { unavailable: 'expected three counts from GetQueueAttributes, found others missing' };
  return { waiting, hidden, delayed };
}
