import { errorMessage } from '@huntaze/kit';
import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** What ioredis and iovalkey have, to leave a server and look its name up again. */
interface Reconnecting {
  readonly isCluster?: boolean;
  disconnect?(reconnect?: boolean): void;
}

/** No more often than this: commands that were in flight together fail together. */
const EVERY_MS = 1_000;

/**
 * Lets a connection go that stays with a demoted primary: after a planned failover the name leads to the new one, but
 * nothing closes the connection to the old one, which refuses every write from then on (READONLY). A cluster's client
 * finds the new primary by itself.
 */
export function leaveDemoted(redis: Reconnecting, clock: Clock): (error: unknown) => void {
  let leftAtMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (redis.isCluster || !errorMessage(error).startsWith('READONLY')) return;
    const nowMs = clock.monotonicMs();
    if (nowMs - leftAtMs < EVERY_MS) return;
    leftAtMs = nowMs;
    redis.disconnect?.(true);
  };
}
