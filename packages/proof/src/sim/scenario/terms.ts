import type { Limit } from '@huntaze/rate-limiter-lambda';
import type { SeededRandom } from '../engine/random.ts';

/** What messages are admitted under. */
export interface ScenarioTerms {
  /** The limits of every key, in a world without tiers. */
  readonly limits: readonly Limit[];
  /** The limits of each key where keys have their own; otherwise empty. */
  readonly tiers: readonly (readonly Limit[])[];
  /** How many places a message costs at most; 1: all cost one. */
  readonly mostCost: number;
  /** What a priority is worth, in milliseconds of waiting; 0: it is strict. */
  readonly agingMs: number;
}

/** The terms of a world where all messages are alike. */
export const PLAIN_TERMS = { tiers: [], mostCost: 1, agingMs: 0 } as const;

/** More than any limit: such a message can never be admitted. */
const HOPELESS_COST = 1_001;
const SHARE_OF_HOPELESS = 0.02;
const SHARE_OF_CHEAP = 0.6;

/** The limits of a key: keys are called account-0, account-1, and so on. */
export function limitsOf(
  { limits, tiers }: Pick<ScenarioTerms, 'limits' | 'tiers'>,
  key: string,
): readonly Limit[] {
  return tiers[Number(key.split('-')[1])] ?? limits;
}

/** Every limit of every tier. */
export function allLimits({ limits, tiers }: Pick<ScenarioTerms, 'limits' | 'tiers'>): readonly Limit[] {
  return tiers.length > 0 ? tiers.flat() : limits;
}

/** What a message costs: most one, some more, a few more than there are places. Follows from its id. */
export function costOf({ mostCost }: Pick<ScenarioTerms, 'mostCost'>, id: string): number {
  if (mostCost === 1) return 1;
  const share = spread(id);
  if (share < SHARE_OF_CHEAP) return 1;
  if (share > 1 - SHARE_OF_HOPELESS) return HOPELESS_COST;
  return 1 + Math.floor(((share - SHARE_OF_CHEAP) / (1 - SHARE_OF_CHEAP)) * mostCost);
}

/** How much a message costs on average that can be admitted, about. */
export function meanCost({ mostCost }: Pick<ScenarioTerms, 'mostCost'>): number {
  return SHARE_OF_CHEAP + ((1 - SHARE_OF_CHEAP) * (1 + mostCost)) / 2;
}

/** Few seeds have each of these; most are as most hosts are. */
export function drawTerms(
  random: SeededRandom,
  limits: readonly Limit[],
  keys: readonly string[],
  drawLimits: () => readonly Limit[],
): ScenarioTerms {
  const tiers = random.chance(0.15) && keys.length > 1 ? keys.map(drawLimits) : [];
  const bySubBuckets = random.chance(0.12);
  const terms = bySubBuckets
    ? { limits: limits.map(bySubBucket), tiers: tiers.map((tier) => tier.map(bySubBucket)) }
    : { limits, tiers };
  const smallest = smallestOf(allLimits(terms));
  return {
    ...terms,
    mostCost: random.chance(0.2) ? 1 + random.below(Math.min(6, Math.ceil(smallest / 2))) : 1,
    agingMs: random.chance(0.2) ? 1_000 * (10 + random.below(600)) : 0,
  };
}

/** How many places the smallest of these limits has. */
export function smallestOf(limits: readonly Limit[]): number {
  return Math.min(...limits.map((limit) => (limit.kind === 'sliding-window' ? limit.limit : limit.capacity)));
}

/** How long what is used of these limits may matter. */
export function memoryMs(limits: readonly Limit[]): number {
  return Math.max(
    ...limits.map((limit) =>
      limit.kind === 'sliding-window' ? limit.windowMs : (limit.capacity * 60_000) / limit.refillPerMinute,
    ),
  );
}

function bySubBucket(limit: Limit): Limit {
  return limit.kind === 'sliding-window' ? { ...limit, exact: false } : limit;
}

/** A number from 0 to 1 that follows from the number in an id. */
function spread(id: string): number {
  return (Math.imul(Number(id.split('-')[1]) + 1, 0x9e3779b1) >>> 0) / 2 ** 32;
}
