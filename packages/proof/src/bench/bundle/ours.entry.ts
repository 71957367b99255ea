import { createHandler, perMinute, redisLimiter, type SqsClient } from '@huntaze/rate-limiter-lambda';
import { Redis } from 'ioredis';

const redis = new Redis({ lazyConnect: true });

/** What a Lambda function's file looks like. */
export const handler = createHandler({
  deliver: async () => {},
  limits: perMinute(10),
  limiter: redisLimiter({ redis }),
  // The port instead of the SDK's client: what it costs to construct that one is not ours to measure.
  sqs: { send: async () => ({ Failed: [] }) } as SqsClient,
  deadLetterQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/000000000000/dead-letters',
});
