import { errorMessage } from '@huntaze/kit';
import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Limit } from '../limits/limit.ts';
import { US_PER_MS } from '../limits/rules.ts';
import { TOLERANCE_MS } from './server-clock.ts';

/** Whose clock keeps the limits. */
export interface TimeSource {
  /** What a script is told of the time: see `lua/lib/prelude.lua`. */
  argument(): string;
  /** The limits to ask for, so that those of the request hold by any of the clocks. */
  limits(limits: readonly Limit[]): readonly Limit[];
  /** Whether the server tells scripts no time, as one of them found with this argument: this process's clock serves from now on. */
  isWithheld(argument: string, error: unknown): boolean;
}

const BY_THE_SERVER = '0';

/**
 * The server's clock, or `given` in tests. Where scripts may not call `TIME`, this process's: then each window is asked for
 * longer by what the clocks of processes may differ. Clocks that differ by more look like one that jumps.
 */
export function timeSource(clock: Clock, given: Clock | undefined): TimeSource {
  let isOwn = false;
  return {
    argument: () => {
      // Never 0, which asks for the time of the server.
      if (isOwn) return String(-Math.max(1, toUs(clock)));
      return given ? String(toUs(given)) : BY_THE_SERVER;
    },
    limits: (limits) => (isOwn ? limits.map(longer) : limits),
    isWithheld(argument, error) {
      const found = argument === BY_THE_SERVER && errorMessage(error).includes('NOTIME');
      isOwn ||= found;
      return found;
    },
  };
}

const toUs = (clock: Clock) => Math.floor(clock.nowMs() * US_PER_MS);

const longer = (limit: Limit): Limit =>
  limit.kind === 'sliding-window' ? { ...limit, windowMs: limit.windowMs + TOLERANCE_MS } : limit;
