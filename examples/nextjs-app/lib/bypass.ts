import type { OnlyFansMessage } from '@huntaze/rate-limiter-client/presets';

/**
 * Sends a message directly, as the app did before: for the accounts that the rollout has not reached, and for all when
 * the flag is off. Needed as long as either of them may say so.
 */
export function bypass(): ((message: DirectMessage) => Promise<void>) | undefined {
  const [url, token] = [process.env['UPSTREAM_URL'], process.env['UPSTREAM_TOKEN']];
  if (!url) return undefined;
  return async ({ id, key, payload }) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id, key, ...payload }),
    });
    if (!response.ok) throw new Error(`the upstream answered ${response.status}`);
  };
}

interface DirectMessage {
  readonly id: string;
  readonly key: string;
  readonly payload: OnlyFansMessage;
}
