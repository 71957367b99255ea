import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import type { Contender } from './contender.ts';
import { batchesOf, runInLanes } from './sqs-batches.ts';

/** Powertools' batch processor: it parses the event and reports failures. No limit, no claim, no Redis. */
export const powertools: Contender = {
  name: 'Powertools, no limit',
  async prepare(_redis, _prefix, load) {
    let processed = 0;
    return {
      async run() {
        await runInLanes(batchesOf(load), async (Records) => {
          // Each batch needs a processor of its own while others are under way.
          await processPartialResponse(
            { Records: [...Records] },
            async () => void processed++,
            new BatchProcessor(EventType.SQS),
          );
        });
        if (processed !== load.messages)
          throw new Error(`bench: expected ${load.messages} deliveries, found ${processed}`);
      },
      async close() {},
    };
  },
};
