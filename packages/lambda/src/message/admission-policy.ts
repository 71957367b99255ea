import type { Message } from '@huntaze/rate-limiter-client/contract';
import { whole, type Check } from '../checks/checks.ts';
import { limitsProblems, type Limit } from '../limiter/limits/limit.ts';
import { defaultMarginMs } from '../limiter/limits/margin.ts';

/** A message that costs so much takes as many entries of the line and of the log of its key. */
const MAX_COST = 1_000;

/** Limits for all messages, or a function that says which ones a message must keep, such as those of its account's tier. */
export type LimitsOf<Payload> =
  | readonly Limit[]
  | ((message: Message<Payload>) => readonly Limit[] | Promise<readonly Limit[]>);

/** How many slots a message takes, or a function that says so. */
export type CostOf<Payload> = number | ((message: Message<Payload>) => number);

/** The limits under which a message is admitted, and the number of slots that it takes. */
export interface AdmissionPolicy {
  readonly limits: readonly Limit[];
  readonly marginMs: number;
  readonly cost: number;
}

/** The policy of a message, or why no limits could ever admit it. */
export type AdmissionPolicyOf<Payload> = (
  message: Message<Payload>,
) => Promise<AdmissionPolicy | { readonly impossible: string }>;

/** Asks the host for the limits and the cost of each message. Rejects when the host does, or returns no limits. */
export function admissionPolicyFrom<Payload>(
  limits: LimitsOf<Payload>,
  cost: CostOf<Payload>,
  marginMs: number | undefined,
): AdmissionPolicyOf<Payload> {
  return async (message) => {
    const all = typeof limits === 'function' ? await limits(message) : limits;
    const problems = all === limits ? [] : limitsProblems(all, 'limits', {});
    if (problems.length > 0) throw new TypeError(problems.join('; '));
    const slots = typeof cost === 'function' ? cost(message) : cost;
    const [impossible] = costUnder(all)(slots, 'cost', {});
    return impossible
      ? { impossible }
      : { limits: all, cost: slots, marginMs: marginMs ?? defaultMarginMs(all) };
  };
}

/** What is wrong with the cost of all messages, as far as it shows without one. */
export const costProblems: Check = (found, name, given) => {
  const limits = given['limits'] as readonly Limit[];
  return costUnder(limitsProblems(limits, name, given).length > 0 ? [] : limits)(found, name, given);
};

/** More than the smallest limit would wait for ever. */
const costUnder = (limits: readonly Limit[]): Check => {
  const most = limits.map((limit) => (limit.kind === 'sliding-window' ? limit.limit : limit.capacity));
  return whole(1, Math.min(MAX_COST, ...most), `, the smallest limit or ${MAX_COST}`);
};
