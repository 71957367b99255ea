import type { Limit } from '@huntaze/rate-limiter-lambda';
import { allDeployments } from '../scenario/deployments.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { costOf, limitsOf, memoryMs } from '../scenario/terms.ts';

/** The longest that a message stays away while the limiter is unavailable. */
const LONGEST_OUTAGE_PARK_MS = 300_000;
/** A waiter that does not come back keeps its place for so long. */
const WAITER_GRACE_MS = 60_000;
/** What a wall clock may be set by: a message that is hidden until an instant wakes so much later. */
const CLOCK_STEP_MS = 300_000;
/** Whoever decides alone asks the limiter again this often. */
const LONGEST_PROBE_MS = 5_000;
/** A late wake-up. */
const LATEST_WAKE_UP_MS = 90_000;

/**
 * How long after the last fault every message must be final: its backlog at its rate, and a constant for
 * what the last faults set in motion.
 * @param open identities of the messages that are not final when the faults end.
 */
export function timeToFinishMs(scenario: Scenario, open: readonly string[]): number {
  const byKey = Map.groupBy(open, (identity) => identity.split(' ')[0]);
  const backlogs = [...byKey].map(([key = '', waiting]) => backlogMs(scenario, key, waiting));
  return Math.max(0, ...backlogs) + handlingMs(scenario, open.length) + afterEffectsMs(scenario);
}

/** The line of one key under each limit, one after the other. Every place may be taken a wake-up late. */
function backlogMs(scenario: Scenario, key: string, waiting: readonly string[]): number {
  const { lateMs, deliveryMs, mostCost } = scenario;
  const costs = waiting.map((identity) => costOf(scenario, identity.split(' ')[1] ?? ''));
  const places = costs.reduce((sum, cost) => sum + (cost > mostCost ? 0 : cost), 0);
  const roundsMs = (limits: readonly Limit[], perRoundMs: number) =>
    limits.reduce((sum, limit) => {
      if (limit.kind === 'token-bucket') return sum + (places * 60_000) / limit.refillPerMinute;
      // What is left of a window may be too little for who is next; sub-buckets take a place for 1 % longer.
      const rounds = Math.ceil(places / (limit.limit - mostCost + 1));
      return sum + rounds * ((limit.exact === false ? 1.01 : 1) * limit.windowMs + perRoundMs);
    }, 0);
  // Under the slowest limits that anybody may have.
  return Math.max(
    ...allDeployments(scenario).map((one) =>
      roundsMs(limitsOf(one, key), one.marginMs + 1_000 + lateMs + deliveryMs),
    ),
  );
}

/** What the processes need for three receives of everything. */
function handlingMs({ processes, batchSize, inlineHoldMs, deliveryMs }: Scenario, messages: number): number {
  return ((3 * messages) / (processes * batchSize)) * (inlineHoldMs + batchSize * (deliveryMs + 200));
}

function afterEffectsMs(scenario: Scenario): number {
  const { visibilityMs, longestHoldMs, longestBackoffMs } = scenario;
  const leases = 3 * Math.max(...allDeployments(scenario).map(({ leaseMs }) => leaseMs));
  return (
    backFromAloneMs(scenario) +
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

/** A process that was alone asks again, and then waits until what it has admitted has ended and left the windows. */
function backFromAloneMs({ localShare, leaseMs, deliverTimeoutMs, limits, marginMs }: Scenario): number {
  if (localShare === undefined) return 0;
  return LONGEST_PROBE_MS + deliverTimeoutMs + leaseMs + memoryMs(limits) + marginMs;
}
