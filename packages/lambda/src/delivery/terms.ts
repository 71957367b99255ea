import type { Message } from '@huntaze/rate-limiter-client/contract';
import type { Limit } from '../limits/limit.ts';
import { defaultMarginMs } from '../limits/margin.ts';

/** A message that costs so much takes as many entries of the line and of the log of its key. */
const MAX_COST = 1_000;

/** Limits for all messages, or a function that says which ones a message must keep, such as those of its account's tier. */
export type LimitsOf<Payload> =
  | readonly Limit[]
  | ((message: Message<Payload>) => readonly Limit[] | Promise<readonly Limit[]>);

/** How many places a message takes, or a function that says so. */
export type CostOf<Payload> = number | ((message: Message<Payload>) => number);

/** What a message is admitted under. */
export interface Terms {
  readonly limits: readonly Limit[];
  readonly marginMs: number;
  readonly cost: number;
}

/** The terms of a message, or why no limits could ever admit it. */
export type TermsOf<Payload> = (message: Message<Payload>) => Promise<Terms | { readonly never: string }>;

/** Asks the host for the terms of each message. Rejects when the host does, or names no limits. */
export function termsFrom<Payload>(
  limits: LimitsOf<Payload>,
  cost: CostOf<Payload> = 1,
  marginMs: number | undefined,
): TermsOf<Payload> {
  return async (message) => {
    const all = typeof limits === 'function' ? await limits(message) : limits;
    if (!Array.isArray(all) || all.length === 0) {
      throw new TypeError('expected limits to give at least one limit, found none');
    }
    const places = typeof cost === 'function' ? cost(message) : cost;
    const never = costProblem(all, places);
    return never ? { never } : { limits: all, cost: places, marginMs: marginMs ?? defaultMarginMs(all) };
  };
}

/** What is wrong with the options, as far as it shows without a message. */
export function termsProblems(limits: LimitsOf<never>, cost: CostOf<never> = 1): readonly string[] {
  if (typeof limits === 'function') return [];
  if (!Array.isArray(limits) || limits.length === 0)
    return ['limits: expected at least one limit, found none'];
  const problem = typeof cost === 'number' ? costProblem(limits, cost) : undefined;
  return problem ? [problem] : [];
}

/** What is wrong with a cost, if anything: more than the smallest limit would wait for ever. */
function costProblem(limits: readonly Limit[], cost: number): string | undefined {
  const most = Math.min(
    MAX_COST,
    ...limits.map((limit) => (limit.kind === 'sliding-window' ? limit.limit : limit.capacity)),
  );
  if (Number.isInteger(cost) && cost >= 1 && cost <= most) return undefined;
  return `cost: expected a whole number from 1 to ${most}, the smallest limit or ${MAX_COST}, found ${String(cost)}`;
}
