import type { Clock } from '@huntaze/rate-limiter-client/contract';

/** What one process knows of a key that the shared limiter did not answer for. Instants of the monotonic clock. */
export interface Outage {
  /** Since when the shared limiter has been silent; undefined when it has answered again. */
  sinceMs: number | undefined;
  /** Until when this process decides without asking the shared limiter. */
  aloneUntilMs: number;
  /** What the shared limiter threw last. */
  error: unknown;
  /** When the deliveries that were admitted here end at the latest, by token. */
  readonly ends: Map<number, number>;
}

/** The outages of all keys. */
export interface Outages {
  find(key: string): Outage | undefined;
  /** The shared limiter was silent about this key. @returns nothing when there is no room to remember it. */
  note(key: string, error: unknown): Outage | undefined;
  /** The shared limiter has answered. @returns what is known of a key that it did not answer for before. */
  answered(key: string): Outage | undefined;
  /** How long what was admitted here may still share a window with other calls. */
  leftMs(outage: Outage, windowMs: number): number;
  forget(key: string): void;
}

/** Bounds the memory of outages: of further keys nothing is admitted. */
const MAX_KEYS = 10_000;

export function openOutages(clock: Clock): Outages {
  const outages = new Map<string, Outage>();
  return {
    find: (key) => outages.get(key),
    note(key, error) {
      const nowMs = clock.monotonicMs();
      const outage = outages.get(key) ?? { sinceMs: nowMs, aloneUntilMs: 0, error, ends: new Map() };
      if (!outages.has(key) && outages.size >= MAX_KEYS) return undefined;
      outage.sinceMs ??= nowMs;
      outage.error = error;
      outages.set(key, outage);
      return outage;
    },
    answered(key) {
      const outage = outages.get(key);
      if (outage) outage.sinceMs = undefined;
      return outage;
    },
    leftMs({ ends }, windowMs) {
      const nowMs = clock.monotonicMs();
      for (const [token, endMs] of ends) if (endMs + windowMs <= nowMs) ends.delete(token);
      return Math.max(0, ...[...ends.values()].map((endMs) => endMs + windowMs - nowMs));
    },
    forget: (key) => void outages.delete(key),
  };
}
