import type { Admission } from './limiter.ts';

/** The answer to one candidate, in microseconds of the limiter's clock. */
export type Answer =
  | {
      readonly kind: 'granted';
      readonly token: number;
      readonly attempt: number;
      readonly leaseUntilUs: number;
    }
  | { readonly kind: 'wait'; readonly dueUs: number; readonly position: number }
  | { readonly kind: 'busy'; readonly retryUs: number }
  | { readonly kind: 'settled'; readonly outcome: 'delivered' | 'dead' };

/** An answer with its instants turned from the limiter's clock to the caller's. */
export function toAdmission(
  answer: Answer,
  key: string,
  id: string,
  toMs: (instantUs: number) => number,
): Admission {
  switch (answer.kind) {
    case 'granted': {
      const { token, attempt, leaseUntilUs } = answer;
      return { kind: 'granted', claim: { key, id, token, attempt, leaseUntilMs: toMs(leaseUntilUs) } };
    }
    case 'wait':
      return { kind: 'wait', dueAtMs: toMs(answer.dueUs), position: answer.position };
    case 'busy':
      return { kind: 'busy', retryAtMs: toMs(answer.retryUs) };
    case 'settled':
      return answer;
  }
}
