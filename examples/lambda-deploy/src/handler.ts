import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { createHandler, redisLimiter, slidingWindow } from '@huntaze/rate-limiter-lambda';
import { Redis } from 'ioredis';
import { deliverTo } from './deliver.ts';
import { consoleLogger } from './log.ts';
import { operateOn } from './operate.ts';
import { readSettings } from './settings.ts';

const { redisUrl, queueUrl, deadLetterQueueUrl, limit, windowMs, upstream } = readSettings(process.env);

// One connection per environment, kept from invocation to invocation.
const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1, connectTimeout: 3_000, socketTimeout: 3_000 });
redis.on('error', ({ message }) => consoleLogger.warn({ error: message }, 'the connection to Redis failed'));

// The name of the upstream whose limit is kept: whoever asks this Redis about it names it too.
const limiter = redisLimiter({ redis, upstream: 'onlyfans' });

/** What Lambda calls with each batch of the queue. */
export const handler = createHandler({
  payload: onlyFansMessage,
  limits: [slidingWindow({ limit, windowMs })],
  limiter,
  deliver: deliverTo(upstream),
  // With the delays between them, about a quarter of an hour: an upstream that is away for minutes makes no dead letters.
  maxAttempts: 12,
  queueUrl,
  deadLetterQueueUrl,
  logger: consoleLogger,
});

/** What Lambda calls when somebody invokes the function `-operator`. */
export const operate = operateOn(limiter, queueUrl);
