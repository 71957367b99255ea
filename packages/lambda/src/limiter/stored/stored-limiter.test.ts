import { describeLimiterContract } from '../../testing/limiter/limiter-contract.ts';
import { describeMemory } from '../../testing/limiter/memory.ts';
import { mapStore } from './map-store.fixture.ts';
import { storedLimiter } from './stored-limiter.ts';

const options = { coldStart: 'full', clockSkewMs: 0 } as const;

describeLimiterContract('stored', {
  make: (clock, upstream) =>
    storedLimiter({ ...options, store: mapStore(), clock, ...(upstream !== undefined && { upstream }) }),
});
describeMemory('stored', (clock, rememberMs) =>
  storedLimiter({ ...options, store: mapStore(), clock, rememberMs }),
);
