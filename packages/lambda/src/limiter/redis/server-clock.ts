import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** When a question was asked, by both clocks of this process. */
interface Instant {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** One question to a server, and what this process tells it of its clock. */
export interface TimedQuestion {
  /** When it answered the newest question of those that have been answered, by its own clock. 0: none has. */
  readonly heardUs: number;
  /** As a script takes it: see `admit/admit.ts`. */
  readonly aheadMs: string;
  /**
   * Notes what time it was by the server's own clock. `othersAheadMs`: by how much it is ahead of the clocks of other
   * processes, the least and the most, where that was asked for.
   * @returns the latest time that it could have shown, where it shows a later one: its clock has jumped ahead.
   */
  answered(
    serverUs: number,
    othersAheadMs: readonly [least: number, most: number] | undefined,
  ): number | undefined;
}

/** By how much clocks may differ in speed, and the server's be corrected step by step. */
const DRIFT_SHARE = 0.01;

/** A clock that is set ahead by less has not jumped. */
export const TOLERANCE_MS = 1_000;

/** By how much the clocks of processes may differ. One that is further behind all others lets the server's seem ahead. */
const SKEW_MS = 5_000;

/** A server is told anew by how much its clock is ahead when that has changed by more. */
const CHANGE_MS = 1_000;

interface Seen extends Instant {
  readonly serverUs: number;
}

/**
 * Notices when a server's clock has jumped ahead: no more can have passed there between two answers than here from the
 * first question to the second answer. So a question that is late, or whose answer is, proves nothing and costs nothing. Of the
 * two clocks of this process the one counts by which more has passed: the monotonic one may stand still while the process
 * is frozen, the other one may be set back.
 *
 * A process that asks for the first time compares by how much the server's clock is ahead of its own with what others have
 * said of theirs.
 */
export function serverClocks(clock: Clock): (server: string) => TimedQuestion {
  const seen = new Map<string, Seen>();
  const told = new Map<string, number>();
  const now = (): Instant => ({ wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() });
  return (server) => {
    const asked = now();
    const last = seen.get(server);
    return {
      heardUs: last?.serverUs ?? 0,
      aheadMs: last ? news(told, server, Math.round(last.serverUs / 1_000 - last.wallMs)) : '?',
      answered(serverUs, othersAheadMs) {
        const answered = now();
        const latestUs = last ? latestAfter(last, answered) : latestFor(answered, othersAheadMs);
        if ((seen.get(server)?.monotonicMs ?? 0) <= asked.monotonicMs)
          seen.set(server, { ...asked, serverUs });
        return serverUs > latestUs ? latestUs : undefined;
      },
    };
  };
}

/** What is new about a difference, if anything is. */
function news(told: Map<string, number>, server: string, aheadMs: number): string {
  if (Math.abs(aheadMs - (told.get(server) ?? Number.POSITIVE_INFINITY)) <= CHANGE_MS) return '';
  told.set(server, aheadMs);
  return String(aheadMs);
}

function latestAfter(last: Seen, answered: Instant): number {
  const passedMs = Math.max(answered.wallMs - last.wallMs, answered.monotonicMs - last.monotonicMs);
  return Math.floor(last.serverUs + (passedMs * (1 + DRIFT_SHARE) + TOLERANCE_MS) * 1_000);
}

function latestFor(answered: Instant, [least, most]: readonly [number, number] = [1, 0]): number {
  return most < least ? Number.POSITIVE_INFINITY : Math.floor((answered.wallMs + most + SKEW_MS) * 1_000);
}
