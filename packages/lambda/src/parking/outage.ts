const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

/**
 * How long a message stays away while the limiter is unavailable: doubling with each receive, from
 * 5 s to 5 min, shortened by up to half at random so that the messages do not all come back at once.
 */
export function outageDelayMs(receiveCount: number, jitter: number): number {
  const longestMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, receiveCount - 1));
  return Math.ceil(longestMs * (1 - jitter / 2));
}
