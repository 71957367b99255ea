import type { Admission, AdmitRequest, Claim, Verdict } from './limiter.ts';
import type { KeyInspection, MessageState } from './operations.ts';

/** The answer to one candidate, in microseconds of the limiter's clock. */
export type Answer =
  | {
      readonly kind: 'granted';
      readonly token: number;
      readonly attempt: number;
      readonly takeover: boolean;
      readonly leaseUntilUs: number;
      readonly throttles?: number;
    }
  | { readonly kind: 'wait'; readonly dueUs: number; readonly position: number }
  | { readonly kind: 'busy'; readonly retryUs: number }
  | { readonly kind: 'condemned'; readonly token: number; readonly verdict: Verdict }
  | { readonly kind: 'settled'; readonly outcome: 'delivered' | 'dead' };

/** When a question was asked and answered by the caller's clock, and when it was decided by the limiter's. */
export interface Exchange {
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly decidedUs: number;
}

/** Which message was asked about, as in its claim. */
type Asked = Pick<Claim, 'key' | 'id' | 'life' | 'queue'>;

/** Each candidate's part of a question. */
export function askedOf({ key, queue, candidates }: AdmitRequest): readonly Asked[] {
  return candidates.map(({ id, life }) => ({
    key,
    id,
    ...(life !== undefined && { life }),
    ...(queue !== undefined && { queue }),
  }));
}

/**
 * An answer with its instants turned from the limiter's clock to the caller's, each to its safe side:
 * a lease ends as if it had been decided when it was asked for, a due time as if when it was answered.
 */
export function toAdmission(answer: Answer, asked: Asked, exchange: Exchange): Admission {
  const { askedMs, answeredMs, decidedUs } = exchange;
  const atLatestMs = (instantUs: number) => answeredMs + Math.ceil((instantUs - decidedUs) / 1_000);
  switch (answer.kind) {
    case 'granted': {
      const { token, attempt, takeover, leaseUntilUs, throttles = 0 } = answer;
      const leaseUntilMs = askedMs + Math.floor((leaseUntilUs - decidedUs) / 1_000);
      return { kind: 'granted', claim: { ...asked, token, attempt, takeover, leaseUntilMs, throttles } };
    }
    case 'wait':
      return { kind: 'wait', dueAtMs: atLatestMs(answer.dueUs), position: answer.position };
    case 'busy':
      return { kind: 'busy', retryAtMs: atLatestMs(answer.retryUs) };
    case 'condemned':
    case 'settled':
      return answer;
  }
}

/** {@link MessageState}, in microseconds of the limiter's clock. */
export type MessageStateUs =
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
export interface InspectionUs extends Pick<KeyInspection, 'waiting' | 'delivering' | 'slotsFree' | 'paused'> {
  readonly lastDueUs: number | undefined;
  readonly heldUntilUs: number | undefined;
}

/** Turns an instant of the limiter's clock into one of the caller's. */
export type ToMs = (instantUs: number) => number;

export function toMessageState(found: MessageStateUs, toMs: ToMs): MessageState {
  switch (found.state) {
    case 'waiting': {
      const { state, attempts, position, dueUs } = found;
      return { state, attempts, position, dueAtMs: toMs(dueUs) };
    }
    case 'delivering':
      return { state: 'delivering', attempt: found.attempt, leaseUntilMs: toMs(found.leaseUntilUs) };
    case 'retrying':
      return { state: 'retrying', attempts: found.attempts, retryAtMs: toMs(found.retryUs) };
    default:
      return found;
  }
}

export function toKeyInspection(
  { lastDueUs, heldUntilUs, ...rest }: InspectionUs,
  toMs: ToMs,
): KeyInspection {
  return {
    ...rest,
    lastDueAtMs: lastDueUs === undefined ? undefined : toMs(lastDueUs),
    heldUntilMs: heldUntilUs === undefined ? undefined : toMs(heldUntilUs),
  };
}
