import type { Admission, AdmitRequest, Claim, Claimed, Limiter } from './limiter.ts';

/**
 * Takes care of an answer that nobody will use, as one that comes when nobody waits for it any more: the claims in it
 * are given back, so that a limiter that is slow for a while costs no message an attempt. Never rejects; what cannot be
 * given back runs out by itself.
 * @param holdMs for how long to hold the key, if a claim is given back.
 */
export async function releaseClaims(
  limiter: Pick<Limiter, 'settle'>,
  { key, queue, limits, marginMs }: AdmitRequest,
  unused: readonly Admission[] | Promise<readonly Admission[]>,
  holdMs = 0,
): Promise<void> {
  try {
    const outcome = holdMs > 0 ? ({ outcome: 'release', holdMs } as const) : ({ outcome: 'unused' } as const);
    const settlements = (await unused).flatMap((admission) =>
      admission.kind === 'granted' ? [{ ...claimed(admission.claim), ...outcome }] : [],
    );
    if (settlements.length > 0) await limiter.settle({ key, queue, limits, marginMs, settlements });
  } catch {
    // Nothing was claimed, or nobody can be told.
  }
}

function claimed({ id, life, token }: Claim): Claimed {
  return { id, life, token };
}
