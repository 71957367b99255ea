import type { SeededRandom } from '../sim/engine/random.ts';
import type { Terms } from './terms.ts';

/** Part of the deliveries that take longer than their margin, whose process dies, that fail. */
const SLOW_SHARE = 0.1;
const DEAD_SHARE = 0.05;
const FAILED_SHARE = 0.05;

/** How one delivery goes. It ends within its lease. */
export interface Delivery {
  readonly tookMs: number;
  readonly outcome: 'delivered' | 'retry' | 'dies';
}

/** @param faultless whether nothing goes wrong. */
export function drawDelivery(
  random: SeededRandom,
  { marginMs, leaseMs }: Terms,
  faultless: boolean,
): Delivery {
  const isSlow = !faultless && random.chance(SLOW_SHARE);
  const mostMs = isSlow ? leaseMs : Math.min(marginMs, leaseMs);
  const tookMs = random.between(0, 0.9 * mostMs);
  if (!faultless && random.chance(DEAD_SHARE)) return { tookMs, outcome: 'dies' };
  if (!faultless && random.chance(FAILED_SHARE)) return { tookMs, outcome: 'retry' };
  return { tookMs, outcome: 'delivered' };
}
