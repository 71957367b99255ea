import { exponentialMs, halfJitterMs } from '@huntaze/kit';
import type { Clock, Random } from '@huntaze/rate-limiter-client/contract';

/** How long one call of a store repeats what was refused. The client waits 5 s for a call. */
const PATIENCE_MS = 3_000;
/** How often a request is made at least, however late in its call it is begun. */
const LEAST_TRIES = 5;
const FIRST_PAUSE_MS = 25;
const MAX_PAUSE_MS = 100;

/** Time and chance of the pauses between repetitions. */
export interface Pausing {
  readonly clock: Clock;
  readonly random: Random;
  /** How long what was refused is repeated, in milliseconds; 0 asks once. Default: 3,000. */
  readonly patienceMs?: number;
}

/**
 * The patience of one call of a store, which all requests of the call share, from now on: those that were refused and not
 * carried out are repeated. Pauses double from 25 to
 * 100 ms, half of each by chance, so that those who were refused together come back apart. Long ones would leave a
 * request too few tries: of 8 at a table that refuses every second, all fail in one case of 256.
 */
export function patience(
  { clock, random, patienceMs = PATIENCE_MS }: Pausing,
  isRefusal: (error: unknown) => boolean,
) {
  const untilMs = clock.monotonicMs() + patienceMs;
  const leastTries = patienceMs > 0 ? LEAST_TRIES : 1;
  const sleep = (longestMs: number) => clock.sleep(halfJitterMs(longestMs, random));
  return {
    /** The first pause, for what was refused in part. */
    pause: () => sleep(FIRST_PAUSE_MS),
    /**
     * Makes the request until it is not refused, with growing pauses: as long as the patience lasts. One that is begun
     * late is made five times at least, unless its refusals take as long as the patience lasts.
     * @throws what it throws after that.
     */
    async repeat<Answer>(request: () => Promise<Answer>): Promise<Answer> {
      const startedAtMs = clock.monotonicMs();
      for (let tries = 1; ; tries++) {
        try {
          return await request();
        } catch (error) {
          const lastAtMs = tries >= leastTries ? untilMs : startedAtMs + patienceMs;
          if (!isRefusal(error) || clock.monotonicMs() >= lastAtMs) throw error;
          await sleep(exponentialMs(tries, FIRST_PAUSE_MS, MAX_PAUSE_MS));
        }
      }
    },
  };
}
