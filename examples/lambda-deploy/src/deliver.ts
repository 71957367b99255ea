import type { OnlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import { PermanentError, retryAfterFrom, type Deliver } from '@huntaze/rate-limiter-lambda';
import type { UpstreamSettings } from './settings.ts';

/** Statuses that say "later", not "never". */
const SLOW_DOWN = new Set([429, 503]);
const REQUEST_TIMEOUT = 408;

/** Posts each message to the upstream. What is thrown decides what becomes of the message. */
export function deliverTo({ url, token }: UpstreamSettings): Deliver<OnlyFansMessage> {
  return async ({ id, key, payload }, { signal, idempotencyKey }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
      },
      body: JSON.stringify({ id, key, ...payload }),
      signal,
    });
    // Until its body is read, a connection cannot be used again.
    await response.arrayBuffer();
    if (response.ok) return;
    if (SLOW_DOWN.has(response.status)) throw retryAfterFrom(response);
    if (response.status >= 500 || response.status === REQUEST_TIMEOUT) {
      throw new Error(`the upstream answered ${response.status}`);
    }
    throw new PermanentError(`the upstream answered ${response.status}`);
  };
}
