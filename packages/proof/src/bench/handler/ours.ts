import { createHandler, redisLimiter, slidingWindow, type SqsClient } from '@huntaze/rate-limiter-lambda';
import { LIMIT, WINDOW_MS, type Contender } from './contender.ts';
import { batchesOf, runInLanes } from './sqs-batches.ts';

/** The whole handler with `redisLimiter`. SQS alone is absent. */
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
    const batches = batchesOf(load);
    return {
      async run() {
        await runInLanes(batches, async (Records) => {
          const { batchItemFailures: left } = await handler({ Records });
          if (left.length > 0)
            throw new Error(`bench: expected a batch to be delivered, found ${left.length} left`);
        });
        if (delivered !== load.messages)
          throw new Error(`bench: expected ${load.messages} deliveries, found ${delivered}`);
      },
      async close() {},
    };
  },
};
