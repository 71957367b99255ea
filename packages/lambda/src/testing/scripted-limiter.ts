import type { Admission, AdmitRequest, Limiter, RenewRequest, Settlement } from '../limiter/limiter.ts';

/** One answer of the script: an admission, a grant whose claim is made up, or an outage. */
export type ScriptedAnswer =
  | Exclude<Admission, { kind: 'granted' }>
  | {
      readonly kind: 'granted';
      readonly attempt: number;
      readonly takeover?: boolean;
      readonly throttles?: number;
    }
  | Error;

export const granted = (attempt = 1): ScriptedAnswer => ({ kind: 'granted', attempt });
/** A grant after a claim that ran out without an outcome. */
export const takenOver = (attempt = 2): ScriptedAnswer => ({ kind: 'granted', attempt, takeover: true });
/** A grant of a message that the upstream put off so often. */
export const throttled = (throttles: number): ScriptedAnswer => ({ kind: 'granted', attempt: 1, throttles });
export const wait = (dueAtMs: number): ScriptedAnswer => ({ kind: 'wait', dueAtMs, position: 0 });
export const busy = (retryAtMs: number): ScriptedAnswer => ({ kind: 'busy', retryAtMs });
export const settled = (outcome: 'delivered' | 'dead' = 'delivered'): ScriptedAnswer => ({
  kind: 'settled',
  outcome,
});

/** A limiter that says what it is told to, and remembers what it was asked. */
export interface ScriptedLimiter extends Limiter {
  readonly asked: readonly AdmitRequest[];
  readonly settlements: readonly Settlement[];
  readonly renewals: readonly RenewRequest[];
}

export interface LimiterScript {
  /** Answers in the order in which candidates ask; afterwards everything is granted. */
  readonly admissions?: readonly ScriptedAnswer[];
  /** Whether a settlement is recorded; what throws is an outage. Default: always. */
  readonly record?: (settlement: Settlement) => boolean;
  /** Whether a claim is prolonged; what throws is an outage. Default: always. */
  readonly renew?: (claim: RenewRequest['claims'][number]) => boolean | Promise<boolean>;
  readonly nowMs: () => number;
}

export function scriptedLimiter({
  admissions = [],
  record = () => true,
  renew = () => true,
  nowMs,
}: LimiterScript): ScriptedLimiter {
  const script = [...admissions];
  const asked: AdmitRequest[] = [];
  const settlements: Settlement[] = [];
  const renewals: RenewRequest[] = [];
  let token = 0;
  return {
    asked,
    settlements,
    renewals,
    async admit(request) {
      asked.push(request);
      return request.candidates.map(({ id }): Admission => {
        const answer = script.shift() ?? granted();
        if (answer instanceof Error) throw answer;
        if (answer.kind !== 'granted') return answer;
        const { attempt, takeover = false, throttles = 0 } = answer;
        const leaseUntilMs = nowMs() + request.leaseMs;
        const claim = { key: request.key, id, token: ++token, attempt, takeover, leaseUntilMs, throttles };
        return { kind: 'granted', claim };
      });
    },
    async settle(request) {
      settlements.push(...request.settlements);
      return request.settlements.map(record);
    },
    async renew(request) {
      renewals.push(request);
      return await Promise.all(request.claims.map(async (claim) => await renew(claim)));
    },
  };
}
