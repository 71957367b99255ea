import { memoryLimiter, redisLimiter, type Limiter } from '@huntaze/rate-limiter-lambda';
import { Redis } from 'ioredis';

/** In memory by default; in Redis when its URL is given, as it must be as soon as there is a second process. */
export function chooseLimiter(redisUrl: string | undefined): {
  readonly limiter: Limiter;
  readonly limiterName: string;
  readonly closeLimiter: () => Promise<void>;
} {
  const upstream = 'onlyfans';
  if (!redisUrl) {
    return {
      limiter: memoryLimiter({ upstream }),
      limiterName: 'limiter in memory',
      closeLimiter: async () => {},
    };
  }
  const redis = new Redis(redisUrl);
  return {
    // A server that was just started has forgotten nothing, so there is no need to wait one window.
    limiter: redisLimiter({ redis, upstream, prefix: `quickstart:${process.pid}`, coldStart: 'full' }),
    limiterName: 'limiter in Redis',
    closeLimiter: async () => {
      await redis.quit();
    },
  };
}
