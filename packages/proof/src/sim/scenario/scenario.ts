import type { Priority } from '@huntaze/rate-limiter-client/contract';
import { perMinute, slidingWindow, tokenBucket, type Limit } from '@huntaze/rate-limiter-lambda';
import { drawCircumstances, type Circumstances } from './circumstances.ts';
import type { SeededRandom } from '../engine/random.ts';
import { allLimits, drawTerms, meanCost, type ScenarioTerms } from './terms.ts';

/** What a seed decides before anything happens. Durations in milliseconds. */
export interface Scenario extends ScenarioTerms, Circumstances {
  readonly marginMs: number;
  readonly keys: readonly string[];
  readonly messages: number;
  /** Messages arrive over this long; 0: all at once. */
  readonly arrivalsMs: number;
  /** After this long nothing goes wrong any more. */
  readonly faultsMs: number;
  /** Share of each priority. */
  readonly mix: Readonly<Record<Priority, number>>;
  /** A function has a deadline; a long-running worker has none. */
  readonly functionTimeoutMs: number | undefined;
  readonly processes: number;
  readonly concurrency: number;
  readonly batchSize: number;
  readonly visibilityMs: number;
  readonly lateMs: number;
  readonly inlineHoldMs: number;
  /** How many messages may be in flight before waiters are not parked any more. */
  readonly mostInFlight: number;
  readonly leaseMs: number;
  readonly deliverTimeoutMs: number;
  readonly delivery: 'at-least-once' | 'at-most-once';
  /** Which part of each limit a process may use alone; undefined: none, its messages are parked. */
  readonly localShare: number | undefined;
  /** How long the limiter and SQS may take to answer. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly longestBackoffMs: number;
  /** The longest silence that the upstream asks for. */
  readonly longestHoldMs: number;
  /** How long an ordinary delivery takes at most. */
  readonly deliveryMs: number;
  /** How long the queue keeps a message, in whole seconds. */
  readonly retentionMs: number;
}

/** The default share of what SQS allows: more than any run has messages. */
export const ROOM_ENOUGH = 96_000;

/** SQS's longest (SetQueueAttributes, "MessageRetentionPeriod"): no backlog of a run lasts that long. */
export const RETENTION_ENOUGH_MS = 14 * 24 * 3_600_000;

export function drawScenario(random: SeededRandom): Scenario {
  const varied = random.fork();
  const first = drawLimits(random);
  const keys = Array.from({ length: 1 + random.below(4) }, (_, index) => `account-${index}`);
  const terms = drawTerms(varied, first, keys, () => drawLimits(varied));
  const limits = allLimits(terms);
  const shortestMs = Math.min(
    60_000,
    ...limits.flatMap((limit) => ('windowMs' in limit ? [limit.windowMs] : [])),
  );
  const functionTimeoutMs = random.chance(0.5) ? 1_000 * (4 + random.below(27)) : undefined;
  const leaseMs = 1_000 * (3 + random.below(40));
  const spanMs = random.between(10, 40) * 60_000;
  const msPerMessage = msPerPlace(limits) * meanCost(terms);
  const bearable = (spanMs / msPerMessage) * keys.length * random.between(0.3, 1.2);
  const scenario = {
    ...terms,
    marginMs: random.chance(0.2) ? 0 : Math.ceil(shortestMs * random.between(0.01, 0.1)),
    keys,
    messages: Math.round(Math.min(random.between(200, 1_200), Math.max(30, bearable))),
    arrivalsMs: random.chance(0.4) ? 0 : spanMs * random.next(),
    faultsMs: spanMs,
    mix: random.chance(0.5) ? { high: 0.3, medium: 0.4, low: 0.3 } : { high: 0, medium: 1, low: 0 },
    functionTimeoutMs,
    processes: 1 + random.below(5),
    concurrency: 1 + random.below(12),
    batchSize: 1 + random.below(10),
    visibilityMs: Math.max(20_000, 6 * (functionTimeoutMs ?? 10_000)),
    lateMs: random.between(0, 1_500),
    inlineHoldMs: random.chance(0.3) ? 0 : Math.round(random.between(500, 4_000)),
    leaseMs,
    deliverTimeoutMs: Math.round(leaseMs * random.between(0.5, 2)),
    delivery: random.chance(0.25) ? ('at-most-once' as const) : ('at-least-once' as const),
    timeoutMs: 5_000,
    maxAttempts: 1 + random.below(6),
    mostInFlight: random.chance(0.15) ? 20 + random.below(200) : ROOM_ENOUGH,
    longestBackoffMs: 1_000 * (1 + random.below(60)),
    longestHoldMs: 1_000 * (1 + random.below(90)),
    deliveryMs: random.between(20, 400),
    retentionMs: random.chance(0.1)
      ? 1_000 * Math.round((spanMs / 1_000) * random.between(0.3, 1))
      : RETENTION_ENOUGH_MS,
  };
  // Drawn last, so that the rest of a scenario is the same with it and without.
  const localShare = drawLocalShare(random, scenario);
  const circumstances = drawCircumstances(random.fork(), { ...scenario, localShare }, drawLimits);
  return { ...scenario, localShare, ...circumstances, ...spanOf(keys, circumstances) };
}

/** Where keys are used in a rhythm, all messages come in it, and faults all the time. */
function spanOf(
  keys: readonly string[],
  { rhythm }: Circumstances,
): Partial<Pick<Scenario, 'messages' | 'arrivalsMs' | 'faultsMs'>> {
  if (!rhythm) return {};
  const longestMs = rhythm.rounds * Math.max(...keys.map((_, index) => rhythm.pausesMs[index]!));
  return { messages: 0, arrivalsMs: longestMs, faultsMs: longestMs };
}

/**
 * All processes together use at most the whole limit. At most once is refused with it: one process knows too little.
 * The judge of processes alone knows one limit for all, exact windows, and messages that cost one place.
 */
function drawLocalShare(
  random: SeededRandom,
  {
    processes,
    delivery,
    limits,
    tiers,
    mostCost,
  }: Pick<Scenario, 'processes' | 'delivery' | keyof ScenarioTerms>,
): number | undefined {
  const isDrawn = random.chance(0.36);
  const isExact = limits.every((limit) => limit.kind === 'token-bucket' || limit.exact !== false);
  if (!isDrawn || delivery === 'at-most-once' || tiers.length > 0 || mostCost > 1 || !isExact)
    return undefined;
  return (random.chance(0.7) ? 1 : random.between(0.5, 1)) / processes;
}

/** The longest that a key at its limits needs for one place, on average. */
function msPerPlace(limits: readonly Limit[]): number {
  return Math.max(
    ...limits.map((limit) =>
      limit.kind === 'sliding-window' ? limit.windowMs / limit.limit : 60_000 / limit.refillPerMinute,
    ),
  );
}

function drawLimits(random: SeededRandom): readonly Limit[] {
  const windowMs = 1_000 * (1 + random.below(60));
  const limit = Math.max(1, Math.round((windowMs / 1_000) * random.between(0.1, 2)));
  const window = slidingWindow({ limit, windowMs });
  const bucket = tokenBucket({ capacity: 1 + random.below(20), refillPerMinute: 6 + random.below(120) });
  switch (random.below(6)) {
    case 0:
      return perMinute(6 + random.below(30));
    case 1:
      return [bucket];
    case 2:
      return [window, bucket];
    case 3:
      return [window, slidingWindow({ limit: 2 * limit + 1, windowMs: 3 * windowMs })];
    case 4:
      return [bucket, window, slidingWindow({ limit: 3 * limit, windowMs: 4 * windowMs })];
    default:
      return [window];
  }
}
