import type { KeyInspection, Whereabouts } from './operations.ts';

/** {@link Whereabouts}, in microseconds of the limiter's clock. */
export type Standing =
  | {
      readonly state: 'waiting';
      readonly attempts: number;
      readonly position: number;
      readonly dueUs: number;
    }
  | { readonly state: 'delivering'; readonly attempt: number; readonly leaseUntilUs: number }
  | { readonly state: 'retrying'; readonly attempts: number; readonly retryUs: number }
  | { readonly state: 'condemned'; readonly attempts: number }
  | { readonly state: 'delivered' | 'dead' | 'unknown' };

/** {@link KeyInspection}, in microseconds of the limiter's clock. */
export interface Inspection extends Pick<KeyInspection, 'waiting' | 'delivering' | 'placesFree' | 'paused'> {
  readonly lastDueUs: number | undefined;
  readonly heldUntilUs: number | undefined;
}

/** Turns an instant of the limiter's clock into one of the caller's. */
export type ToMs = (instantUs: number) => number;

export function toWhereabouts(standing: Standing, toMs: ToMs): Whereabouts {
  switch (standing.state) {
    case 'waiting': {
      const { state, attempts, position, dueUs } = standing;
      return { state, attempts, position, dueAtMs: toMs(dueUs) };
    }
    case 'delivering':
      return { state: 'delivering', attempt: standing.attempt, leaseUntilMs: toMs(standing.leaseUntilUs) };
    case 'retrying':
      return { state: 'retrying', attempts: standing.attempts, retryAtMs: toMs(standing.retryUs) };
    default:
      return standing;
  }
}

export function toKeyInspection({ lastDueUs, heldUntilUs, ...rest }: Inspection, toMs: ToMs): KeyInspection {
  return {
    ...rest,
    lastDueAtMs: lastDueUs === undefined ? undefined : toMs(lastDueUs),
    heldUntilMs: heldUntilUs === undefined ? undefined : toMs(heldUntilUs),
  };
}
