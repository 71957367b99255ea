import { groupProblems, isWithin, type Check } from '../checks/checks.ts';

/** What happens while the limiter has no answer. */
export type OnLimiterUnavailable = 'park' | { readonly localShare: number };

/** What is wrong with the option `onLimiterUnavailable`. */
export const unavailableProblems: Check = (found, name, { delivery }) => {
  if (found === 'park') return [];
  const { localShare } = Object(found) as { readonly localShare?: unknown };
  if (!isWithin(localShare, Number.MIN_VALUE, 1)) {
    const share = typeof localShare === 'number' ? localShare : 'neither';
    return [`${name}: expected park, or a localShare above 0 and at most 1, found ${share}`];
  }
  // One process does not know what another one has delivered.
  return delivery === 'at-most-once'
    ? [`${name}: expected park with at-most-once delivery, found a localShare`]
    : groupProblems({ localShare: () => [] }, found, `${name}.`);
};
