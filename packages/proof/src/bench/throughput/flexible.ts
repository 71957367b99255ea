import { RateLimiterRedis } from 'rate-limiter-flexible';
import { LIMIT, WINDOW_MS, type Contender } from './contender.ts';

/** rate-limiter-flexible: a counter per key in a fixed window, one message a call, no claims. */
export const consuming: Contender = {
  name: 'rate-limiter-flexible',
  messagesPerCall: 1,
  async open(redis, prefix) {
    const limiter = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix: prefix,
      points: LIMIT,
      duration: WINDOW_MS / 1_000,
    });
    return {
      async call(key) {
        // Rejects when the message is not admitted.
        await limiter.consume(key);
      },
      async tidy() {},
    };
  },
};
