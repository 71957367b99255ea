import type { Scenario } from './scenario.ts';

/** The longest that a message stays away while the limiter is unavailable. */
const LONGEST_OUTAGE_PARK_MS = 300_000;
/** A waiter that does not come back keeps its place for so long. */
const WAITER_GRACE_MS = 60_000;
/** What a wall clock may be set by: a message that is hidden until an instant wakes so much later. */
const CLOCK_STEP_MS = 300_000;
/** A late wake-up. */
const LATEST_WAKE_UP_MS = 90_000;

/**
 * How long after the last fault every message must be final: its backlog at its rate, and a constant for
 * what the last faults set in motion.
 * @param open identities of the messages that are not final when the faults end.
 */
export function timeToFinishMs(scenario: Scenario, open: readonly string[]): number {
  const byKey = Map.groupBy(open, (identity) => identity.split(' ')[0]);
  const longestLine = Math.max(0, ...[...byKey.values()].map((waiting) => waiting.length));
  return backlogMs(scenario, longestLine) + handlingMs(scenario, open.length) + afterEffectsMs(scenario);
}

/** The line of one key under each limit, one after the other. Every place may be taken a wake-up late. */
function backlogMs({ limits, marginMs, lateMs, deliveryMs }: Scenario, messages: number): number {
  const perRoundMs = marginMs + 1_000 + lateMs + deliveryMs;
  return limits.reduce(
    (sum, limit) =>
      sum +
      (limit.kind === 'sliding-window'
        ? Math.ceil(messages / limit.limit) * (limit.windowMs + perRoundMs)
        : (messages * 60_000) / limit.refillPerMinute),
    0,
  );
}

/** What the processes need for three receives of everything. */
function handlingMs({ processes, batchSize, inlineHoldMs, deliveryMs }: Scenario, messages: number): number {
  return ((3 * messages) / (processes * batchSize)) * (inlineHoldMs + batchSize * (deliveryMs + 200));
}

function afterEffectsMs({ visibilityMs, leaseMs, longestHoldMs, longestBackoffMs }: Scenario): number {
  const leases = 3 * leaseMs;
  return (
    LONGEST_OUTAGE_PARK_MS +
    WAITER_GRACE_MS +
    CLOCK_STEP_MS +
    LATEST_WAKE_UP_MS +
    2 * visibilityMs +
    leases +
    longestHoldMs +
    longestBackoffMs
  );
}
