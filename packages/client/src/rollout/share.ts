import { createHash } from 'node:crypto';

/**
 * Where a key stands between 0 and 100: always at the same place, in every process and version, and keys spread
 * evenly. A key is in a rollout of so many percent when it stands below it, so raising the percentage only ever
 * adds keys.
 */
export function shareOf(key: string): number {
  const digest = createHash('sha256').update(key).digest();
  return (digest.readUInt32BE(0) / 2 ** 32) * 100;
}
