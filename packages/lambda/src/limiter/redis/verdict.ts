import type { Verdict } from '../limiter.ts';

/** A verdict as a record keeps it: its attempts, and the rest in one word without a space or a colon. */
export function writeVerdict({ reason, errorName, attempts }: Verdict): string {
  return `${attempts}:${encodeURIComponent(JSON.stringify([reason, errorName]))}`;
}

export function readVerdict(attempts: number, word: string): Verdict {
  const [reason, errorName] = JSON.parse(decodeURIComponent(word)) as [string, string];
  return { reason, errorName, attempts };
}
