import { describeLimiterContract } from '../../testing/limiter/limiter-contract.ts';
import { memoryLimiter } from './memory-limiter.ts';

describeLimiterContract('memory', {
  make: (clock, upstream) => memoryLimiter({ clock, ...(upstream !== undefined && { upstream }) }),
});
