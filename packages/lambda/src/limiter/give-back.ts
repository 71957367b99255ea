import type { Admission, AdmitRequest, Limiter } from './limiter.ts';

/**
 * Takes care of an answer that comes when nobody waits for it any more: the claims in it are given back, so that
 * a limiter that is slow for a while costs no message an attempt. Never rejects; what cannot be given back
 * runs out by itself.
 */
export async function giveBackLate(
  limiter: Pick<Limiter, 'settle'>,
  { key, limits, marginMs }: AdmitRequest,
  late: Promise<readonly Admission[]>,
): Promise<void> {
  try {
    const settlements = (await late).flatMap((admission) =>
      admission.kind === 'granted'
        ? [{ id: admission.claim.id, token: admission.claim.token, outcome: 'release' as const, holdMs: 0 }]
        : [],
    );
    if (settlements.length > 0) await limiter.settle({ key, limits, marginMs, settlements });
  } catch {
    // Nothing was claimed, or nobody can be told.
  }
}
