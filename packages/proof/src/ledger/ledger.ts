import type { Terms } from './terms.ts';

/** One call of the upstream. */
export interface Call {
  readonly message: string;
  readonly terms: Terms;
  /** Grows with every claim of the key. */
  readonly token: number;
  readonly atMs: number;
}

/** What the upstream has seen of one key, and what was promised of it. */
export interface Ledger {
  readonly calls: readonly Call[];
  /** Promises that were broken while the history was played, in words. */
  readonly broken: readonly string[];
}

/** Every window of those who asked that holds more than its limit, whoever made the calls in it. */
export function exceededWindows(calls: readonly Call[]): readonly string[] {
  return calls.flatMap((call) =>
    call.terms.windows.flatMap(({ limit, windowMs }) => {
      // Whoever asked later was judged by its own limits.
      const known = calls.filter(({ token }) => token <= call.token);
      const most = mostAround(call, known, windowMs);
      return most > limit
        ? [`${call.message}: ${most} calls within ${windowMs} ms, expected ${limit} at most`]
        : [];
    }),
  );
}

/** Of all windows that hold a call, how many calls the fullest one holds. */
function mostAround({ atMs }: Call, calls: readonly Call[], windowMs: number): number {
  const near = calls.map((one) => one.atMs).filter((at) => Math.abs(at - atMs) < windowMs);
  const starts = near.filter((at) => at <= atMs);
  return Math.max(...starts.map((from) => near.filter((at) => at >= from && at < from + windowMs).length));
}
