import { SQSClient } from '@aws-sdk/client-sqs';
import { createRateLimiterClient, memoryFallbackStore } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { createHandler, memoryLimiter, perMinute } from '@huntaze/rate-limiter-lambda';
import { createWorker } from '@huntaze/rate-limiter-lambda/worker';
import { logger } from '../logger.ts';
import type { RateLimiter } from '../rate-limiter.ts';
import { startQueue } from './queue.ts';

/** Everything in this process: a queue that speaks the SQS protocol, the worker, and an upstream that only logs. */
export async function startLocally(): Promise<RateLimiter> {
  const { endpoint, queueUrl, deadLetterQueueUrl } = await startQueue();
  const sqs = new SQSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  const limiter = memoryLimiter({ upstream: 'onlyfans' });
  const handler = createHandler({
    payload: onlyFansMessage,
    limits: perMinute(10),
    limiter,
    deliver: async ({ id, key }) => logger.info({ id, key }, 'delivered'),
    sqs,
    queueUrl,
    deadLetterQueueUrl,
    logger,
  });
  createWorker({ queueUrl, handler, sqs, logger }).start();
  const client = createRateLimiterClient({
    queueUrl,
    deadLetterQueueUrl,
    sqs,
    payload: onlyFansMessage,
    fallbackStore: memoryFallbackStore(),
    logger,
  });
  client.startReplay({ everyMs: 5_000 });
  logger.info({ queueUrl }, 'local mode: the queue, the worker and the upstream run in this process');
  return { client, find: (key, messageId) => limiter.find(key, messageId, { queueUrl }) };
}
