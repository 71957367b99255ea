import { MAX_ENTRIES, chunksOf, awsErrorName } from '@huntaze/kit';
import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import type { Logger } from '@huntaze/rate-limiter-client/contract';
import type { SqsClient } from '../sqs/sqs-client.ts';
import type { SqsRecord } from '../message/event.ts';

/** Hides the records of one batch. Neither call rejects. */
export type Hiding = ReturnType<typeof openHiding>;

interface Change {
  readonly record: SqsRecord;
  readonly visibilitySeconds: number;
}

/**
 * Changes the visibility of records. Changes of one turn of the event loop share their calls. A record that could not be
 * hidden comes back when the queue's own visibility timeout ends, which costs a receive and nothing else.
 */
export function openHiding(sqs: SqsClient, queueUrl: string, logger: Logger) {
  const calls: Promise<unknown>[] = [];
  let gathered: Change[] = [];
  const send = async () => {
    const changes = gathered;
    gathered = [];
    const requests = [...chunksOf(changes, { maxItems: MAX_ENTRIES })];
    await Promise.all(requests.map((request) => changeVisibility(sqs, queueUrl, request, logger)));
  };
  return {
    /** 0 seconds show them again. */
    hide(records: readonly SqsRecord[], visibilitySeconds: number): void {
      if (records.length === 0) return;
      if (gathered.length === 0) calls.push(Promise.resolve().then(send));
      gathered.push(...records.map((record) => ({ record, visibilitySeconds })));
    },
    /** Resolves when every call so far has ended. */
    done: async () => void (await Promise.all(calls)),
  };
}

async function changeVisibility(
  sqs: SqsClient,
  queueUrl: string,
  changes: readonly Change[],
  logger: Logger,
): Promise<void> {
  const command = new ChangeMessageVisibilityBatchCommand({
    QueueUrl: queueUrl,
    Entries: changes.map(({ record, visibilitySeconds }, index) => ({
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
    logger.warn({ failed: changes.length, error: awsErrorName(error) }, 'messages could not be parked');
  }
}
