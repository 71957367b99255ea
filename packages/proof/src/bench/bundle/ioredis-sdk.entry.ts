import { SQSClient } from '@aws-sdk/client-sqs';
import { Redis } from 'ioredis';

/** What any function that talks to Redis and to SQS has to load. */
export const loaded = { redis: new Redis({ lazyConnect: true }), SQSClient };
