import { describeLimiterContract } from '../../testing/limiter/limiter-contract.ts';
import { describeMemory } from '../../testing/limiter/memory.ts';
import { memoryLimiter } from './memory-limiter.ts';

describeLimiterContract('memory', {
  make: (clock, upstream) => memoryLimiter({ clock, ...(upstream !== undefined && { upstream }) }),
});
describeMemory('memory', (clock, rememberMs) => memoryLimiter({ clock, rememberMs }));
