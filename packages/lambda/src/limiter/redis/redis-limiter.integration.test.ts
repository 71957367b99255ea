import { redisForTests } from '@huntaze/testkit';
import { describeLimiterContract } from '../../testing/limiter/limiter-contract.ts';
import { redisLimiter } from './redis-limiter.ts';

const { redis, prefix } = await redisForTests();
let limiters = 0;

describeLimiterContract('redis', {
  make: (clock, upstream) =>
    redisLimiter({
      redis,
      prefix: `${prefix}${limiters++}`,
      clock,
      serverClock: clock,
      coldStart: 'full',
      ...(upstream !== undefined && { upstream }),
    }),
});
