import type { Limit } from '@huntaze/rate-limiter-lambda';
import type { SeededRandom } from '../engine/random.ts';
import { limitsOf, smallestOf, type ScenarioTerms } from './terms.ts';

/** What one deployment of the service runs with, where several differ. Milliseconds. */
export interface Deployment extends Pick<ScenarioTerms, 'limits' | 'tiers'> {
  readonly marginMs: number;
  readonly leaseMs: number;
  readonly deliverTimeoutMs: number;
}

/**
 * How deployments meet. `rolling`: one process after the other gets the next one. `cancelled`: some processes get it, and
 * then all go back. `side-by-side`: each process keeps its own. `by-message`: all are alike, and of one key some
 * messages have the limits of one deployment and some those of another, as where a limit belongs to a kind of message.
 */
export type Rollout = 'rolling' | 'cancelled' | 'side-by-side' | 'by-message';

export interface Deployments {
  /** Those beside the first one, whose settings are the scenario's own. */
  readonly deployments: readonly Deployment[];
  readonly rollout: Rollout | undefined;
}

export const ONE_DEPLOYMENT: Deployments = { deployments: [], rollout: undefined };

export function drawDeployments(
  random: SeededRandom,
  first: Deployment & Pick<ScenarioTerms, 'mostCost'>,
  drawLimits: () => readonly Limit[],
): Deployments {
  const rollouts = ['rolling', 'rolling', 'cancelled', 'side-by-side', 'by-message'] as const;
  const rollout = rollouts[random.below(rollouts.length)]!;
  const changed = (limits: readonly Limit[]) => {
    const other = random.chance(0.3) ? drawLimits() : limits.map((limit) => variant(limit, random));
    // Every message must fit every limit: a cost that does not is another matter.
    return smallestOf(other) >= Math.min(first.mostCost, smallestOf(limits)) ? other : limits;
  };
  const deployments = Array.from({ length: 1 + random.below(3) }, (): Deployment => {
    const leaseMs = random.chance(0.5) ? first.leaseMs : 1_000 * (3 + random.below(40));
    return {
      limits: changed(first.limits),
      tiers: first.tiers.map(changed),
      marginMs: random.chance(0.5) ? first.marginMs : Math.round(first.marginMs * random.between(0, 3)),
      leaseMs,
      deliverTimeoutMs: Math.round(leaseMs * random.between(0.5, 2)),
    };
  });
  return { deployments, rollout };
}

/** All deployments, the first one first. */
export function allDeployments(first: Deployment & Pick<Deployments, 'deployments'>): readonly Deployment[] {
  return [first, ...first.deployments];
}

/** The limits of a message in a process of this deployment. */
export function limitsFor(
  scenario: Deployment & Deployments,
  deployment: Deployment,
  { key, id }: { readonly key: string; readonly id: string },
): readonly Limit[] {
  if (scenario.rollout !== 'by-message') return limitsOf(deployment, key);
  const all = allDeployments(scenario);
  return limitsOf(all[Number(id.split('-')[1]) % all.length]!, key);
}

/** A limit as somebody changes it: raised or lowered, a little or a lot; counted otherwise; over another time. */
function variant(limit: Limit, random: SeededRandom): Limit {
  const factor = random.chance(0.3) ? 1 : random.between(0.4, 3);
  const scaled = (count: number) => Math.max(1, Math.round(count * factor) + random.below(2));
  if (limit.kind === 'token-bucket')
    return {
      ...limit,
      capacity: scaled(limit.capacity),
      refillPerMinute: Math.max(1, Math.round(limit.refillPerMinute * random.between(0.7, 2))),
    };
  const windowMs = random.chance(0.6)
    ? limit.windowMs
    : 1_000 * Math.max(1, Math.round((limit.windowMs / 1_000) * random.between(0.5, 2)));
  const exact = random.chance(0.75) ? {} : { exact: limit.exact === false };
  return { ...limit, limit: scaled(limit.limit), windowMs, ...exact };
}
