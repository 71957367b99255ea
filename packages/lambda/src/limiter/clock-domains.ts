import type { Admission, AdmitRequest, Claim, Verdict } from './limiter.ts';

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

/** Turns an instant of the limiter's clock into one of the caller's. */
export type ToMs = (instantUs: number) => number;
