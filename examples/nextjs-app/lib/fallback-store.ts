import { memoryFallbackStore, type FallbackStore } from '@huntaze/rate-limiter-client';

/** Where messages go while SQS cannot be reached. */
export function fallbackStore(): FallbackStore | undefined {
  return process.env['FALLBACK_STORE'] === 'memory' ? memoryFallbackStore() : undefined;
}
