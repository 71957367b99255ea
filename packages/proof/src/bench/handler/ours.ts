import {
  createHandler,
  redisLimiter,
  slidingWindow,
  type SqsClient,
  type SqsRecord,
} from '@huntaze/rate-limiter-lambda';
import { serializeMessage } from '@huntaze/rate-limiter-client/contract';
import { DELIVERIES_AT_ONCE, keyOf, LIMIT, payload, WINDOW_MS, type Contender } from './contender.ts';

const BATCH = 10;
const QUEUE_ARN = 'arn:aws:sqs:eu-west-1:000000000000:bench';

/** The whole handler with `redisLimiter`, as many batches at once as a worker would have in hand. SQS alone is absent. */
export const ours: Contender = {
  name: 'ours',
  async prepare(redis, prefix, load) {
    let delivered = 0;
    const handler = createHandler({
      limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
      limiter: redisLimiter({ redis, prefix, upstream: 'bench', coldStart: 'full' }),
      deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/000000000000/dead-letters',
      sqs: { send: (() => Promise.resolve({ Failed: [] })) as SqsClient['send'] },
      deliver: async () => void delivered++,
    });
    const records = Array.from({ length: load.messages }, (_, index) => recordOf(index, keyOf(index, load)));
    const batches = Array.from({ length: load.messages / BATCH }, (_, index) =>
      records.slice(index * BATCH, (index + 1) * BATCH),
    ).values();
    const lane = async () => {
      for (const Records of batches) {
        const { batchItemFailures } = await handler({ Records });
        if (batchItemFailures.length > 0)
          throw new Error(`bench: expected a batch to be delivered, found ${batchItemFailures.length} left`);
      }
    };
    return {
      async run() {
        await Promise.all(Array.from({ length: DELIVERIES_AT_ONCE / BATCH }, lane));
        if (delivered !== load.messages)
          throw new Error(`bench: expected ${load.messages} deliveries, found ${delivered}`);
      },
      async close() {},
    };
  },
};

/** A received message. */
export function recordOf(index: number, key: string): SqsRecord {
  const message = { id: `message-${index}`, key, priority: 'medium', payload, enqueuedAtMs: 1 } as const;
  return {
    messageId: `sqs-${index}`,
    receiptHandle: `receipt-${index}`,
    body: serializeMessage(message),
    attributes: { ApproximateReceiveCount: '1' },
    eventSourceARN: QUEUE_ARN,
  };
}
