import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** One question to a server. */
export interface TimedQuestion {
  /** The latest time that the server can show when this question arrives in time; 0 when nothing is known of it. */
  readonly latestUs: number;
  /** Notes what time it was by the server's own clock. */
  answered(serverUs: number): void;
}

/** By how much clocks may differ in speed, and the server's be corrected step by step. */
const DRIFT_SHARE = 0.01;

/**
 * Remembers what time each server showed last, so that it notices when a server's clock has jumped ahead: no more can
 * have passed there than did here. Of the two clocks of this process the one counts by which more has passed: the
 * monotonic one may stand still while the process is frozen, the other one may be set back.
 *
 * A question may be under way for `timeoutMs`, so a jump by less is not noticed.
 */
export function serverTimes(clock: Clock, timeoutMs: number): (server: string) => TimedQuestion {
  const seen = new Map<string, { serverUs: number; wallMs: number; monotonicMs: number }>();
  return (server) => {
    const wallMs = clock.nowMs();
    const monotonicMs = clock.monotonicMs();
    const last = seen.get(server);
    const passedMs = last ? Math.max(wallMs - last.wallMs, monotonicMs - last.monotonicMs) : 0;
    const possibleMs = passedMs * (1 + DRIFT_SHARE) + timeoutMs;
    return {
      latestUs: last ? last.serverUs + Math.ceil(possibleMs * 1_000) : 0,
      answered: (serverUs) => void seen.set(server, { serverUs, wallMs, monotonicMs }),
    };
  };
}
