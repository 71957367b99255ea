import type { Limiter } from '@huntaze/rate-limiter-lambda';

/** Hears of a message, and from when on somebody else may take it over, by the clock of {@link sharedMs}. */
export type OnLate = (id: string, fromMs: number) => void;

/** A monotonic clock that the processes of one machine share. */
export const sharedMs = (monotonicMs: number): number => performance.timeOrigin + monotonicMs;

/** Notes which deliveries outlived their claims, as a machine that is busy with other work makes them. */
export interface LateWatch {
  /** The limiter, watched. */
  readonly limiter: Limiter;
  /** A call of `deliver` begins; gives what to call at its end. `cutOff`: because its time was over. */
  began(id: string): (cutOff: boolean) => void;
}

/**
 * Tells a message when somebody else may have taken it over although its holder works: when its call was cut off, or
 * ended, or had its outcome recorded, only after a lease that counts from the last question that was granted. One whose
 * call ends in time and that nobody settles is not told: that would be a mistake of the handler.
 */
export function watchForLateness(limiter: Limiter, onLate: OnLate): LateWatch {
  // By token: a message that is late may be granted again to the process that still works on it.
  const claims = new Map<number, { untilMs: number }>();
  const latest = new Map<string, { untilMs: number }>();
  const judge = (id: string, claim: { untilMs: number } | undefined, cutOff = false) => {
    const { untilMs } = claim ?? { untilMs: Infinity };
    if (cutOff || performance.now() >= untilMs) onLate(id, sharedMs(untilMs));
  };
  return {
    began(id) {
      const claim = latest.get(id);
      return (cutOff) => judge(id, claim, cutOff);
    },
    limiter: {
      async admit(request) {
        const askedMs = performance.now();
        const admissions = await limiter.admit(request);
        for (const admission of admissions) {
          if (admission.kind !== 'granted') continue;
          const claim = { untilMs: askedMs + request.leaseMs };
          claims.set(admission.claim.token, claim);
          latest.set(admission.claim.id, claim);
        }
        return admissions;
      },
      async renew(request) {
        const askedMs = performance.now();
        const renewed = await limiter.renew(request);
        for (const [index, { token }] of request.claims.entries()) {
          const claim = claims.get(token);
          if (renewed[index] === true && claim) claim.untilMs = askedMs + request.leaseMs;
        }
        return renewed;
      },
      async settle(request) {
        try {
          return await limiter.settle(request);
        } finally {
          for (const { id, token } of request.settlements) judge(id, claims.get(token));
        }
      },
    },
  };
}
