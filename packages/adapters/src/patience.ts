import type { Clock, Random } from '@huntaze/rate-limiter-client/contract';

/** How long one call of a store repeats what was refused. The client waits 5 s for a call. */
const PATIENCE_MS = 3_000;
const FIRST_PAUSE_MS = 25;
const MAX_PAUSE_MS = 800;

/** Time and chance of the pauses between repetitions. */
export interface Pausing {
  readonly clock: Clock;
  readonly random: Random;
}

/** Repeats requests that were refused and not carried out. */
export interface Patience {
  /** Makes the request until it is not refused, with growing pauses. @throws what it throws once the patience is over. */
  repeat<Answer>(request: () => Promise<Answer>): Promise<Answer>;
  /** The first pause, for what was refused in part. */
  pause(): Promise<void>;
}

/**
 * The patience of one call of a store, which all requests of the call share: 3 s from now on. Pauses double from 25 to
 * 800 ms, half of each by chance, so that those who were refused together come back apart.
 */
export function patience({ clock, random }: Pausing, isRefusal: (error: unknown) => boolean): Patience {
  const untilMs = clock.monotonicMs() + PATIENCE_MS;
  const sleep = (longestMs: number) => clock.sleep((longestMs * (1 + random.next())) / 2);
  return {
    pause: () => sleep(FIRST_PAUSE_MS),
    async repeat(request) {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(MAX_PAUSE_MS, 2 * pauseMs)) {
        try {
          return await request();
        } catch (error) {
          if (!isRefusal(error) || clock.monotonicMs() >= untilMs) throw error;
          await sleep(pauseMs);
        }
      }
    },
  };
}
