import type { Limit } from './limit.ts';

/** Largest margin taken when none is configured. */
const DEFAULT_MARGIN_MS = 250;
/** A margin never takes more than this share of a window, so that short windows keep their rate. */
const DEFAULT_MARGIN_SHARE = 0.04;

/**
 * Widens windows by the margin between admission and arrival. The upstream counts arrivals, the
 * limiter counts admissions: with 50 ms of uneven delay in between, a receiver saw 18 of
 * "10 per 60 s". Admitting against the window plus the margin keeps the upstream's window exact as
 * long as the delay varies by less than the margin.
 *
 * @param marginMs whole milliseconds; by default 250, at most 4 % of the window. See {@link marginOf}.
 */
export function withMargin(limits: readonly Limit[], marginMs?: number): readonly Limit[] {
  return limits.map((limit) =>
    limit.kind === 'sliding-window'
      ? { ...limit, windowMs: limit.windowMs + (marginMs ?? defaultMarginMs(limit.windowMs)) }
      : limit,
  );
}

/** The smallest margin of any window: how far apart admission and delivery may be before a message must ask again. */
export function marginOf(limits: readonly Limit[], marginMs?: number): number {
  const margins = limits
    .filter((limit) => limit.kind === 'sliding-window')
    .map(({ windowMs }) => marginMs ?? defaultMarginMs(windowMs));
  return Math.min(...margins, Number.POSITIVE_INFINITY);
}

function defaultMarginMs(windowMs: number): number {
  return Math.ceil(Math.min(DEFAULT_MARGIN_MS, windowMs * DEFAULT_MARGIN_SHARE));
}
