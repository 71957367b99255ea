import type { RateLimiterClient } from '@huntaze/rate-limiter-client';
import type { OnlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import type { LimiterOperations } from '@huntaze/rate-limiter-lambda';

/** What the routes work with. */
export interface RateLimiter {
  readonly client: RateLimiterClient<OnlyFansMessage>;
  /** Tells where a message stands, where the app can reach the limiter. */
  readonly find?: LimiterOperations['find'] | undefined;
}

/** One for the process: Next.js loads a module once per route, and again after every change in `next dev`. */
const shared = globalThis as { rateLimiter?: Promise<RateLimiter> };

/** The app's rate limiter, made with the first request. Without `SQS_RATE_LIMITER_QUEUE`, `next dev` brings its own queue. */
export function rateLimiter(): Promise<RateLimiter> {
  return (shared.rateLimiter ??= start());
}

async function start(): Promise<RateLimiter> {
  if (process.env.NODE_ENV === 'development' && !process.env['SQS_RATE_LIMITER_QUEUE']) {
    const { startLocally } = await import('./local/start.ts');
    return startLocally();
  }
  const { connect } = await import('./production.ts');
  return connect();
}
