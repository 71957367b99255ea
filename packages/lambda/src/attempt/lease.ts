import { errorMessage, withTimeout } from '@huntaze/kit';
import type { Clock, Logger } from '@huntaze/rate-limiter-client/contract';
import type { Claim, Limiter } from '../limiter/limiter.ts';

/** What a lease is renewed with. */
export interface LeasePolicy {
  readonly limiter: Pick<Limiter, 'renew'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leaseMs: number;
  /** How many slots the delivery takes. */
  readonly cost: number;
}

/** A claim that is kept alive while its delivery runs. */
export type Lease = ReturnType<typeof openLease>;

/** A renewal that failed is tried again after this share of the lease. */
const RETRY_SHARE = 1 / 8;

/**
 * Watches over the lease of a claim that was asked for at `askedMs`, by the monotonic clock: no later than the
 * limiter granted it, so it ends here before it ends there.
 */
export function openLease(claim: Claim, askedMs: number, policy: LeasePolicy) {
  const { limiter, clock, logger, leaseMs, cost } = policy;
  const { key, queue, id, life, token } = claim;
  let untilMs = askedMs + leaseMs;
  /** Milliseconds until others may take over; not positive when they may. */
  const leftMs = () => untilMs - clock.monotonicMs();

  /** Gives the time until the next renewal, or undefined when the claim is lost. */
  const renew = async (): Promise<number | undefined> => {
    const nowMs = clock.monotonicMs();
    try {
      const request = { key, queue, claims: [{ id, life, token, ...(cost > 1 && { cost }) }], leaseMs };
      const [renewed] = await withTimeout({ clock, timeoutMs: leftMs() }, () => limiter.renew(request));
      if (renewed !== true) return undefined;
      untilMs = nowMs + leaseMs;
      return untilMs - leaseMs / 2 - clock.monotonicMs();
    } catch (error) {
      logger.warn({ messageId: id, error: errorMessage(error) }, 'a claim could not be renewed');
      return Math.min(leaseMs * RETRY_SHARE, leftMs());
    }
  };
  return {
    leftMs,
    /** Renews the claim at half of each lease until `ended` aborts. Resolves early when the claim is lost. Never rejects. */
    async keep(ended: AbortSignal): Promise<void> {
      let waitMs: number | undefined = leftMs() - leaseMs / 2;
      while (waitMs !== undefined) {
        await clock.sleep(Math.max(0, waitMs), ended);
        if (ended.aborted) return;
        waitMs = leftMs() > 0 ? await renew() : undefined;
      }
      if (!ended.aborted) logger.warn({ messageId: id }, 'a claim was lost while its delivery ran');
    },
  };
}
