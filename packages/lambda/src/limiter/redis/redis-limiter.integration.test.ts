import type { FakeClock } from '@huntaze/rate-limiter-client/testing';
import { redisForTests } from '@huntaze/testkit';
import { describeLimiterContract } from '../../testing/limiter/limiter-contract.ts';
import { describeMemory } from '../../testing/limiter/memory.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { RedisLimiterOptions } from './redis-options.ts';

const { redis, prefix } = await redisForTests();
let limiters = 0;

const make = (clock: FakeClock, options: Partial<RedisLimiterOptions> = {}) =>
  redisLimiter({
    redis,
    prefix: `${prefix}${limiters++}`,
    clock,
    serverClock: clock,
    coldStart: 'full',
    ...options,
  });

describeLimiterContract('redis', {
  make: (clock, upstream) => make(clock, upstream === undefined ? {} : { upstream }),
});
describeMemory('redis', (clock, rememberMs) => make(clock, { rememberMs }));
