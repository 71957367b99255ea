import type { Limit } from './limit.ts';

const LARGEST_DEFAULT_MS = 400;
const DEFAULT_SHARE = 0.04;

/**
 * The margin when none is configured: 4 % of the shortest window, at most 400 ms.
 *
 * The margin is the time a delivery may take without changing the schedule: a slot is taken for the
 * window plus the margin, from its admission. A delivery that takes longer keeps its slot longer, so
 * the limit holds whatever the margin. A larger one costs its share of the rate; a smaller one makes
 * the announced due times too early, which costs receives.
 */
export function defaultMarginMs(limits: readonly Limit[]): number {
  const windows = limits.filter((limit) => limit.kind === 'sliding-window').map(({ windowMs }) => windowMs);
  return windows.length === 0
    ? 0
    : Math.ceil(Math.min(LARGEST_DEFAULT_MS, Math.min(...windows) * DEFAULT_SHARE));
}
