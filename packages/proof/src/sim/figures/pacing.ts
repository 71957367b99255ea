import { USUAL } from '../scenario/circumstances.ts';
import type { Priority } from '@huntaze/rate-limiter-client/contract';
import { slidingWindow } from '@huntaze/rate-limiter-lambda';
import { worstWindow } from '@huntaze/testkit';
import { noFaults } from '../world/faults.ts';
import { highMedian, idealLastMs, type HighMedian, type Sighting } from './ideal.ts';
import { allSafeguards, type Safeguards } from '../parts/safeguards.ts';
import { RETENTION_ENOUGH_MS, ROOM_ENOUGH, type Scenario } from '../scenario/scenario.ts';
import { simulate } from '../run/simulate.ts';
import type { Stall } from '../world/stall.ts';
import { PLAIN_TERMS } from '../scenario/terms.ts';

export interface PacingOptions {
  readonly seed: number;
  readonly messages: number;
  readonly windowMs: number;
  readonly limit: number;
  /** Share of each priority; default all medium. */
  readonly mix?: Readonly<Record<Priority, number>>;
  /** Default 3,000, as the handler's. */
  readonly inlineHoldMs?: number;
  /** How late wake-ups may be. Default 1,500. */
  readonly lateMs?: number;
  /** Longest delivery. Default 150. */
  readonly slowestMs?: number;
  /** Default: none. */
  readonly stall?: Stall;
  /** What decides instead of the memory limiter. */
  readonly home?: Pick<Safeguards, 'open' | 'order'>;
}

/** What a handler makes of a backlog, whichever it is. */
export interface PacingFigures {
  readonly delivered: number;
  readonly deadLetters: number;
  readonly receivesPerMessage: number;
  readonly mostReceives: number;
  /** For as many messages as were delivered. */
  readonly lastOverIdeal: number;
  readonly mostInWindow: number;
  /** Undefined when there are no urgent messages. */
  readonly highMedian: HighMedian | undefined;
}

export interface PacingReport extends PacingFigures {
  readonly invocations: number;
  /** Time in handlers, per message. */
  readonly billedMsPerMessage: number;
  readonly steps: number;
  readonly medianWaitMs: Readonly<Record<Priority, number>>;
}

export interface Arrival extends Sighting {
  readonly atMs: number;
}

/** A backlog of one key through the real handler and the real limiter, in a world where nothing goes wrong. */
export async function simulatePacing(options: PacingOptions): Promise<PacingReport> {
  const { seed, messages } = options;
  const arrivals: Arrival[] = [];
  const handed = new Map<string, Sighting>();
  const report = await simulate(seed, {
    scenario: backlog(options),
    faults: noFaults,
    safeguards: { ...noting(handed), ...options.home, limiter: noting(handed).limiter },
    stall: options.stall,
    onArrival: ({ message: { id, priority }, atMs }) => arrivals.push({ id, priority, atMs }),
  });
  if (report.violation) throw new Error(`seed ${seed} broke an invariant: ${report.violation.detail}`);
  return {
    ...arrivalFigures(options, [...handed.values()], arrivals),
    receivesPerMessage: report.receivesPerMessage,
    mostReceives: report.mostReceives,
    invocations: report.invocations,
    billedMsPerMessage: report.billedMs / messages,
    steps: report.steps,
    medianWaitMs: {
      high: median(arrivals, 'high'),
      medium: median(arrivals, 'medium'),
      low: median(arrivals, 'low'),
    },
  };
}

/** What can be told from when messages were handed over and arrived upstream. */
export function arrivalFigures(
  options: PacingOptions,
  handed: readonly Sighting[],
  arrivals: readonly Arrival[],
): Omit<PacingFigures, 'receivesPerMessage' | 'mostReceives'> {
  const instants = arrivals.map(({ atMs }) => atMs);
  const delivered = new Set(arrivals.map(({ id }) => id)).size;
  return {
    delivered,
    deadLetters: options.messages - delivered,
    lastOverIdeal: Math.max(...instants) / idealLastMs(delivered, options),
    mostInWindow: worstWindow(instants, options.windowMs),
    highMedian: highMedian(handed, arrivals, options),
  };
}

/** Notes what the limiter is asked about, in the order in which it first is. */
function noting(handed: Map<string, Sighting>): Safeguards {
  return {
    ...allSafeguards,
    limiter: (limiter) => ({
      ...limiter,
      admit(request) {
        for (const { id, priority } of request.candidates)
          if (!handed.has(id)) handed.set(id, { id, priority });
        return limiter.admit(request);
      },
    }),
  };
}

/** Everything arrives at once, for one account; five functions with 30 s each and the handler's defaults. */
export function backlog({
  messages,
  limit,
  windowMs,
  mix,
  inlineHoldMs,
  lateMs,
  slowestMs,
}: PacingOptions): Scenario {
  return {
    ...USUAL,
    ...PLAIN_TERMS,
    limits: [slidingWindow({ limit, windowMs })],
    marginMs: Math.min(400, Math.ceil(windowMs * 0.04)),
    keys: ['account-1'],
    messages,
    arrivalsMs: 0,
    faultsMs: 0,
    mix: mix ?? { high: 0, medium: 1, low: 0 },
    functionTimeoutMs: 30_000,
    processes: 5,
    concurrency: 10,
    batchSize: 10,
    visibilityMs: 180_000,
    lateMs: lateMs ?? 1_500,
    inlineHoldMs: inlineHoldMs ?? 3_000,
    mostInFlight: ROOM_ENOUGH,
    retentionMs: RETENTION_ENOUGH_MS,
    leaseMs: 60_000,
    deliverTimeoutMs: 60_000,
    delivery: 'at-least-once',
    localShare: undefined,
    timeoutMs: 5_000,
    maxAttempts: 5,
    longestBackoffMs: 900_000,
    longestHoldMs: 0,
    deliveryMs: slowestMs ?? 150,
  };
}

function median(arrivals: readonly Arrival[], priority: Priority): number {
  const waits = arrivals.filter((one) => one.priority === priority).map(({ atMs }) => atMs);
  return waits.toSorted((a, b) => a - b)[waits.length >> 1] ?? 0;
}
