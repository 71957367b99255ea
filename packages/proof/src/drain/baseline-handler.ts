import type { Handler } from '@huntaze/rate-limiter-lambda';
import type { Work } from './work.ts';

/**
 * The obvious handler, for comparison: a token bucket, one token per message, and whoever finds none
 * is a batch failure that SQS delivers again when the visibility timeout ends.
 */
export function baselineHandler(
  { limit, windowMs, deliver }: Work,
  monotonicMs = () => performance.now(),
): Handler {
  const tokensPerMs = limit / windowMs;
  let tokens = limit;
  let countedMs = monotonicMs();
  const takeToken = (): boolean => {
    const nowMs = monotonicMs();
    tokens = Math.min(limit, tokens + (nowMs - countedMs) * tokensPerMs);
    countedMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
  return async ({ Records }) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of Records) {
      if (takeToken()) await deliver(JSON.parse(body) as { id: string; key: string });
      else batchItemFailures.push({ itemIdentifier: messageId });
    }
    return { batchItemFailures };
  };
}
