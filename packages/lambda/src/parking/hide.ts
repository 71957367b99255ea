import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import type { Logger } from '@huntaze/rate-limiter-client/contract';
import type { SqsClient } from '../sqs/sqs-client.ts';
import type { SqsRecord } from '../message/event.ts';
import { nameOf } from '../thrown.ts';

/** A received message and how long to hide it. */
export interface Parking {
  readonly record: SqsRecord;
  readonly visibilitySeconds: number;
}

/** ChangeMessageVisibilityBatch takes at most 10 entries. */
const MAX_ENTRIES = 10;

/**
 * Hides messages until their turn. Never throws: a message that could not be parked comes back when
 * the queue's own visibility timeout ends, which costs a receive and nothing else.
 */
export async function park(
  sqs: SqsClient,
  queueUrl: string,
  parkings: readonly Parking[],
  logger: Logger,
): Promise<void> {
  const calls: Promise<void>[] = [];
  for (let from = 0; from < parkings.length; from += MAX_ENTRIES) {
    calls.push(parkBatch(sqs, queueUrl, parkings.slice(from, from + MAX_ENTRIES), logger));
  }
  await Promise.all(calls);
}

async function parkBatch(
  sqs: SqsClient,
  queueUrl: string,
  parkings: readonly Parking[],
  logger: Logger,
): Promise<void> {
  const command = new ChangeMessageVisibilityBatchCommand({
    QueueUrl: queueUrl,
    Entries: parkings.map(({ record, visibilitySeconds }, index) => ({
      Id: String(index),
      ReceiptHandle: record.receiptHandle,
      VisibilityTimeout: visibilitySeconds,
    })),
  });
  try {
    const { Failed = [] } = await sqs.send(command);
    if (Failed.length > 0) {
      logger.warn(
        { failed: Failed.length, codes: Failed.map(({ Code }) => Code) },
        'messages could not be parked',
      );
    }
  } catch (error) {
    logger.warn({ failed: parkings.length, error: nameOf(error) }, 'messages could not be parked');
  }
}
