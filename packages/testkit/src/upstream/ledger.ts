/** One call that arrived upstream, granted or refused. */
export interface LedgerCall {
  readonly id: string;
  readonly key: string;
  /** When it arrived, in milliseconds of this process's monotonic clock (`performance.now()`). */
  readonly atMs: number;
  /** When its caller began it, by the same clock; undefined when the caller did not say. */
  readonly sentAtMs?: number;
  /** `over-limit`: one more than the exact window of its key allows. */
  readonly verdict: 'within-limit' | 'over-limit';
  /** Whether it was answered 200, which is when the message has its effect. */
  readonly accepted: boolean;
}

/** The independent judge: what arrived, whatever anyone believes to have sent. */
export interface Ledger {
  /** Every call that arrived, refused ones too, in order of arrival. */
  readonly calls: readonly LedgerCall[];
  /** The most calls of one key in any window, refused ones included. Without a key: of the busiest key. */
  worstWindow(key?: string): number;
  /** Messages accepted more than once. */
  duplicates(): readonly { readonly key: string; readonly id: string; readonly times: number }[];
  /** Calls that were over the limit when they arrived. */
  violations(): readonly LedgerCall[];
}

/**
 * The most instants that fall into any half-open window of `windowMs`: two that are exactly one window
 * apart do not share one. Order does not matter. O(n log n).
 */
export function worstWindow(instantsMs: readonly number[], windowMs: number): number {
  const sorted = instantsMs.toSorted((a, b) => a - b);
  let worst = 0;
  let first = 0;
  for (const [last, lastMs] of sorted.entries()) {
    while (lastMs - (sorted[first] ?? lastMs) >= windowMs) first++;
    worst = Math.max(worst, last - first + 1);
  }
  return worst;
}

/** The time in which a call arrived: not before it was sent, and not after it was read. */
export interface Arrival {
  readonly sentAtMs: number;
  readonly atMs: number;
}

/**
 * The most calls that certainly arrived in one half-open window of `windowMs`. A call that was read late on a busy
 * machine may have arrived earlier, so it counts only in windows that hold all the time in which it may have arrived.
 */
export function certainWindow(arrivals: readonly Arrival[], windowMs: number): number {
  const counts = arrivals.map(
    ({ sentAtMs: fromMs }) =>
      arrivals.filter(({ sentAtMs, atMs }) => sentAtMs >= fromMs && atMs < fromMs + windowMs).length,
  );
  return Math.max(0, ...counts);
}

/** Answer of {@link LedgerBook.record}; `retryAfterMs` is when the window has a place again. */
export type Entry =
  | { readonly verdict: 'within-limit' }
  | { readonly verdict: 'over-limit'; readonly retryAfterMs: number };

/** A ledger that is being written. */
export interface LedgerBook extends Ledger {
  /** Writes a call down. Accepted calls alone use up the limit. */
  record(call: Pick<LedgerCall, 'id' | 'key' | 'atMs' | 'sentAtMs'>): Entry;
}

/** The limit that calls are judged by. */
export interface LedgerOptions {
  /** Calls that a window of one key may hold. */
  readonly limit: number;
  readonly windowMs: number;
  /** Whether a call over the limit is refused, or accepted and only written down. */
  readonly enforce: boolean;
}

/** Opens an empty ledger. It keeps every call: made for tests, not for ever. */
export function openLedger({ limit, windowMs, enforce }: LedgerOptions): LedgerBook {
  const calls: LedgerCall[] = [];
  const acceptedAtMs = new Map<string, number[]>();
  const callsByKey = () => Map.groupBy(calls, ({ key }) => key);
  return {
    calls,
    record: ({ id, key, atMs, sentAtMs }) => {
      const recent = (acceptedAtMs.get(key) ?? []).filter((pastMs) => atMs - pastMs < windowMs);
      const entry = judge(recent, atMs, limit, windowMs);
      const accepted = entry.verdict === 'within-limit' || !enforce;
      acceptedAtMs.set(key, accepted ? [...recent, atMs] : recent);
      const sent = sentAtMs === undefined ? {} : { sentAtMs };
      calls.push({ id, key, atMs, ...sent, verdict: entry.verdict, accepted });
      return entry;
    },
    worstWindow: (wanted) => {
      const groups = [...callsByKey()].filter(([key]) => wanted === undefined || key === wanted);
      return Math.max(
        0,
        ...groups.map(([, group]) =>
          worstWindow(
            group.map(({ atMs }) => atMs),
            windowMs,
          ),
        ),
      );
    },
    duplicates: () => [...callsByKey()].flatMap(([key, group]) => repeatedIds(key, group)),
    violations: () => calls.filter(({ verdict }) => verdict === 'over-limit'),
  };
}

function judge(recentMs: readonly number[], atMs: number, limit: number, windowMs: number): Entry {
  if (recentMs.length < limit) return { verdict: 'within-limit' };
  const leavesNext = recentMs[recentMs.length - limit] ?? atMs;
  return { verdict: 'over-limit', retryAfterMs: leavesNext + windowMs - atMs };
}

function repeatedIds(key: string, calls: readonly LedgerCall[]) {
  const byId = Map.groupBy(
    calls.filter(({ accepted }) => accepted),
    ({ id }) => id,
  );
  return [...byId]
    .filter(([, same]) => same.length > 1)
    .map(([id, same]) => ({ key, id, times: same.length }));
}
