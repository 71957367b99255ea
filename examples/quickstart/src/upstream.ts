import { PermanentError, retryAfterFrom, type Message } from '@huntaze/rate-limiter-lambda';

/** One call of the rate-limited API. What it throws decides the message's fate. */
export async function callUpstream(
  url: string,
  { id, key }: Message<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ id, key }), signal });
  await response.arrayBuffer();
  if (response.ok) return;
  if (response.status === 429) throw retryAfterFrom(response);
  if (response.status < 500) throw new PermanentError(`the upstream answered ${response.status}`);
  throw new Error(`the upstream answered ${response.status}`);
}
