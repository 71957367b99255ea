const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

/**
 * How long a message stays away while the limiter is unavailable: as long as this process has known of that, so twice
 * as long each time, from 5 s to 5 min or `mostMs`. Shortened by up to half at random so that the messages do not all
 * come back at once.
 */
export function outageDelayMs(knownMs: number, jitter: number, mostMs = LONGEST_MS): number {
  const longestMs = Math.min(LONGEST_MS, mostMs, Math.max(FIRST_MS, knownMs));
  return Math.ceil(longestMs * (1 - jitter / 2));
}
