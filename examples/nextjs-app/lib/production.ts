import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { cloudWatchMetrics } from '@huntaze/rate-limiter-client/cloudwatch';
import { optionsFromEnv } from '@huntaze/rate-limiter-client/env';
import { redisLimiter } from '@huntaze/rate-limiter-lambda';
import { Redis } from 'ioredis';
import { bypass } from './bypass.ts';
import { fallbackStore } from './fallback-store.ts';
import { logger } from './logger.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Connects to the queue that `examples/lambda-deploy` made; its handler delivers. */
export function connect(): RateLimiter {
  const options = optionsFromEnv();
  const client = createRateLimiterClient({
    ...options,
    payload: onlyFansMessage,
    fallbackStore: fallbackStore(),
    bypass: bypass(),
    // A probe costs one message a detour through the store, so it may come early.
    breaker: { halfOpenAfterMs: 10_000 },
    // More often than the usual minute: an instance that is ended takes along what it has not sent.
    metrics: cloudWatchMetrics({ queue: options.queueUrl, flushIntervalMs: 10_000, logger }),
    logger,
  });
  return { client, find: findIn(process.env['REDIS_URL'], options.queueUrl) };
}

/** Asks the limiter's own Redis, where the app can reach it. */
function findIn(redisUrl: string | undefined, queueUrl: string): RateLimiter['find'] {
  if (!redisUrl) return undefined;
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, connectTimeout: 3_000, socketTimeout: 3_000 });
  redis.on('error', ({ message }) => logger.warn({ error: message }, 'the connection to Redis failed'));
  const limiter = redisLimiter({ redis, upstream: 'onlyfans' });
  return (key, messageId) => limiter.find(key, messageId, { queueUrl });
}
