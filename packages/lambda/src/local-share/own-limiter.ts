import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission, Candidate, Limiter } from '../limiter/limiter.ts';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';

/** The limiter of one process that decides alone. */
export interface OwnLimiter extends Limiter {
  /** Answers for those of these messages that it has made final, by id, whoever decides now. */
  finals(key: string, candidates: readonly Candidate[]): Promise<ReadonlyMap<string, Admission>>;
}

/** As long as a message is parked while nobody decides: the shared limiter, with all of a limit, may be back by then. */
const LONGEST_WAIT_MS = 300_000;

/** A memory limiter by the monotonic clock, since setting the other one must not empty a window. */
export function ownLimiter(clock: Clock): OwnLimiter {
  const startMs = clock.nowMs() - clock.monotonicMs();
  const steadyMs = () => startMs + clock.monotonicMs();
  const steady: Clock = {
    nowMs: steadyMs,
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
  const limiter = memoryLimiter({ clock: steady });
  let admitted = false;

  /** The same answer, by the wall clock. */
  const translate = (admission: Admission): Admission => {
    const nowMs = clock.nowMs();
    const setByMs = nowMs - steadyMs();
    switch (admission.kind) {
      case 'granted': {
        const leaseUntilMs = admission.claim.leaseUntilMs + setByMs;
        return { kind: 'granted', claim: { ...admission.claim, leaseUntilMs } };
      }
      case 'wait':
        return { ...admission, dueAtMs: Math.min(admission.dueAtMs + setByMs, nowMs + LONGEST_WAIT_MS) };
      case 'busy':
        return { kind: 'busy', retryAtMs: admission.retryAtMs + setByMs };
      case 'settled':
        return admission;
    }
  };
  return {
    async admit(request) {
      const admissions = await limiter.admit(request);
      admitted ||= admissions.some(({ kind }) => kind === 'granted');
      return admissions.map(translate);
    },
    settle: (request) => limiter.settle(request),
    renew: (request) => limiter.renew(request),
    async finals(key, candidates) {
      const finals = new Map<string, Admission>();
      for (const { id } of admitted ? candidates : []) {
        const { state } = await limiter.find(key, id);
        if (state === 'delivered' || state === 'dead') finals.set(id, { kind: 'settled', outcome: state });
      }
      return finals;
    },
  };
}
