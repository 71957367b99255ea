import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import {
  createHandler,
  PermanentError,
  redisLimiter,
  retryAfterFrom,
  slidingWindow,
} from '@huntaze/rate-limiter-lambda';
import { createWorker } from '@huntaze/rate-limiter-lambda/worker';
import { Redis } from 'ioredis';
import { logger } from './log.ts';
import type { Settings } from './settings.ts';

/** Takes messages from the queue and delivers them, until it is stopped. */
export interface Delivering {
  /** Receives nothing more, and lets what is in hand finish. */
  stop(): Promise<void>;
}

/** Starts the worker. Any number of services may run one: they share the limits through Redis. */
export function startDelivering(settings: Settings): Delivering {
  const { client, deadLetterQueueUrl, redisUrl, upstreamUrl, limit, windowMs } = settings;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, connectTimeout: 3_000, socketTimeout: 3_000 });
  redis.on('error', ({ message }) => logger.warn({ error: message }, 'the connection to Redis failed'));
  const handler = createHandler({
    payload: onlyFansMessage,
    limits: [slidingWindow({ limit, windowMs })],
    limiter: redisLimiter({ redis, upstream: 'onlyfans' }),
    deliver: async ({ id, key, payload }, { signal, idempotencyKey }) => {
      const response = await fetch(upstreamUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
        body: JSON.stringify({ id, key, ...payload }),
        signal,
      });
      await response.arrayBuffer();
      if (response.status === 429) throw retryAfterFrom(response);
      if (response.status >= 500) throw new Error(`the upstream answered ${response.status}`);
      if (!response.ok) throw new PermanentError(`the upstream answered ${response.status}`);
    },
    // With the delays between them, about a quarter of an hour.
    maxAttempts: 12,
    queueUrl: client.queueUrl,
    deadLetterQueueUrl,
    logger,
  });
  const worker = createWorker({ queueUrl: client.queueUrl, handler, pollWaitMs: 1_000, logger });
  worker.start();
  return {
    stop: async () => {
      await worker.stop();
      redis.disconnect();
    },
  };
}
