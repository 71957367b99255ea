import type { Limiter } from '@huntaze/rate-limiter-lambda';

/** Hears of a message, and from when on somebody else may take it over, by the clock of {@link sharedMs}. */
export type OnLate = (id: string, fromMs: number) => void;

/** A monotonic clock that the processes of one machine share. */
export const sharedMs = (monotonicMs: number): number => performance.timeOrigin + monotonicMs;

/** Notes which deliveries outlived their claims, as a machine that is busy with other work makes them. */
export interface LateWatch {
  /** The limiter, watched. */
  readonly limiter: Limiter;
  /** A call of `deliver` has ended; `cutOff`: because its time was over. */
  ended(id: string, cutOff: boolean): void;
}

/**
 * Tells a message when somebody else may have taken it over although its holder works: when its call was cut off, or
 * ended, or had its outcome recorded, only after a lease that counts from the last question that was granted. One whose
 * call ends in time and that nobody settles is not told: that would be a mistake of the handler.
 */
export function watchForLateness(limiter: Limiter, onLate: OnLate): LateWatch {
  const untilMs = new Map<string, number>();
  const isOver = (id: string) => performance.now() >= (untilMs.get(id) ?? Infinity);
  const tell = (id: string) => onLate(id, sharedMs(untilMs.get(id) ?? Infinity));
  return {
    ended(id, cutOff) {
      if (cutOff || isOver(id)) tell(id);
    },
    limiter: {
      async admit(request) {
        const askedMs = performance.now();
        const admissions = await limiter.admit(request);
        for (const admission of admissions) {
          if (admission.kind === 'granted') untilMs.set(admission.claim.id, askedMs + request.leaseMs);
        }
        return admissions;
      },
      async renew(request) {
        const askedMs = performance.now();
        const renewed = await limiter.renew(request);
        for (const [index, { id }] of request.claims.entries()) {
          if (renewed[index] === true) untilMs.set(id, askedMs + request.leaseMs);
        }
        return renewed;
      },
      async settle(request) {
        try {
          return await limiter.settle(request);
        } finally {
          for (const { id } of request.settlements) if (isOver(id)) tell(id);
        }
      },
    },
  };
}
