import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** What one process knows of a key about which it decided alone. Instants of the monotonic clock. */
interface Outage {
  /** What the shared limiter threw last. */
  error: unknown;
  /** When the deliveries that were admitted here end at the latest, by token. */
  readonly ends: Map<number, number>;
}

/** Bounds the memory of outages: of further keys nothing is admitted. */
const MAX_KEYS = 10_000;

/** The outages of all keys. */
export function openOutages(clock: Clock) {
  const outages = new Map<string, Outage>();
  return {
    find: (key: string) => outages.get(key),
    /** This process decides about a key alone. @returns nothing when there is no room to remember it. */
    note(key: string, error: unknown): Outage | undefined {
      if (!outages.has(key) && outages.size >= MAX_KEYS) return undefined;
      const outage = outages.get(key) ?? { error, ends: new Map() };
      outage.error = error;
      outages.set(key, outage);
      return outage;
    },
    /**
     * The shared limiter has answered. The outage is forgotten once all that was admitted here has left the windows.
     * @returns how long that takes yet.
     */
    answered(key: string, windowMs: number): number {
      const outage = outages.get(key);
      if (!outage) return 0;
      const nowMs = clock.monotonicMs();
      for (const [token, endMs] of outage.ends) if (endMs + windowMs <= nowMs) outage.ends.delete(token);
      if (outage.ends.size === 0) outages.delete(key);
      return Math.max(0, ...[...outage.ends.values()].map((endMs) => endMs + windowMs - nowMs));
    },
  };
}
