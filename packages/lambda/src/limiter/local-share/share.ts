import type { Limit } from '../limits/limit.ts';

/** A part of each limit, rounded down; undefined when that is less than one message under any of them. */
export function sharesOf(limits: readonly Limit[], share: number): readonly Limit[] | undefined {
  const shares = limits.map((limit): Limit =>
    limit.kind === 'sliding-window'
      ? { ...limit, limit: part(limit.limit, share) }
      : {
          ...limit,
          capacity: part(limit.capacity, share),
          refillPerMinute: limit.refillPerMinute * share,
        },
  );
  const tooSmall = shares.some(
    (limit) => (limit.kind === 'sliding-window' ? limit.limit : limit.capacity) < 1,
  );
  return tooSmall ? undefined : shares;
}

/** Rounded down, but not because of how fractions are written: a third of 9 is 3. */
function part(whole: number, share: number): number {
  return Math.floor(whole * share + 1e-9);
}
