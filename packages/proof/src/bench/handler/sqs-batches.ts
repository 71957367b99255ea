import { serializeMessage } from '@huntaze/rate-limiter-client/contract';
import type { SqsRecord } from '@huntaze/rate-limiter-lambda';
import { DELIVERIES_AT_ONCE, keyOf, payload, type Load } from './contender.ts';

/** As many messages as SQS hands out at once. */
const BATCH = 10;
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:bench';

/** The messages of a load, as event source mappings hand them over. */
export function batchesOf(load: Load): readonly (readonly SqsRecord[])[] {
  const records = Array.from({ length: load.messages }, (_, index) => recordOf(index, keyOf(index, load)));
  return Array.from({ length: load.messages / BATCH }, (_, index) =>
    records.slice(index * BATCH, (index + 1) * BATCH),
  );
}

/** Handles batches, as many at once as a worker would have in hand. */
export async function runInLanes(
  batches: readonly (readonly SqsRecord[])[],
  handle: (records: readonly SqsRecord[]) => Promise<void>,
): Promise<void> {
  const waiting = batches.values();
  const lane = async () => {
    for (const records of waiting) await handle(records);
  };
  await Promise.all(Array.from({ length: DELIVERIES_AT_ONCE / BATCH }, lane));
}

function recordOf(index: number, key: string): SqsRecord {
  const message = { id: `message-${index}`, key, priority: 'medium', payload, enqueuedAtMs: 1 } as const;
  return {
    messageId: `sqs-${index}`,
    receiptHandle: `receipt-${index}`,
    body: serializeMessage(message),
    attributes: { ApproximateReceiveCount: '1' },
    eventSourceARN: QUEUE_ARN,
  };
}
