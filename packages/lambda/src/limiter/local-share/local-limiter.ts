import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission, Limiter } from '../limiter.ts';
import { memoryLimiter } from '../memory/memory-limiter.ts';
import type { LimiterOperations } from '../operations.ts';
import type { LocalLimiter } from './local-share.ts';

/** As long as a message is parked while nobody decides: the shared limiter, with all of a limit, may be back by then. */
const LONGEST_WAIT_MS = 300_000;

/** A memory limiter by the monotonic clock, since setting the other one must not empty a window. Its leases end by it. */
export function localLimiter(clock: Clock): LocalLimiter {
  // One share per key, whatever the queue: where each has a budget of its own it is stricter than it must be.
  const own = { upstream: 'own', clock: { ...clock, nowMs: () => clock.monotonicMs() } };
  const limiter: Limiter & LimiterOperations = memoryLimiter(own);
  /** The same instant by the wall clock, or an earlier one at which to ask again. */
  const soon = (atMs: number) => clock.nowMs() + Math.min(atMs - clock.monotonicMs(), LONGEST_WAIT_MS);
  let wasAsked = false;
  return {
    ...limiter,
    async admit(request) {
      wasAsked = true;
      return (await limiter.admit(request)).map((admission): Admission => {
        if (admission.kind === 'wait') return { ...admission, dueAtMs: soon(admission.dueAtMs) };
        if (admission.kind === 'busy') return { ...admission, retryAtMs: soon(admission.retryAtMs) };
        return admission;
      });
    },
    async final({ key, queue }, { id, life }) {
      if (!wasAsked) return undefined;
      const { state } = await limiter.find(key, id, { queueUrl: queue, life });
      return state === 'delivered' || state === 'dead' ? { kind: 'settled', outcome: state } : undefined;
    },
  };
}
