import { fakeClock, fallbackStoreContract } from '@huntaze/rate-limiter-client/testing';
import { describe, it } from 'vitest';
import { sqliteFallbackStore } from './fallback-store.ts';

const make = () => {
  const clock = fakeClock(Date.UTC(2026, 5, 1));
  const store = sqliteFallbackStore(':memory:', clock.nowMs);
  return { store, nowMs: clock.nowMs, elapse: clock.advance, close: async () => store.close() };
};

describe('the store in a file, as every fallback store:', () => {
  it.each(fallbackStoreContract({ make }))('$name', ({ run }) => run());
});
