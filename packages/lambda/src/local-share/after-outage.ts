import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission, AdmitRequest, Limiter } from '../limiter/limiter.ts';

/**
 * Gives back what the shared limiter granted too early, and holds the key for all processes as long as it must be.
 * Never rejects: a claim that cannot be given back runs out, and the key is asked about again.
 */
export async function holdFor(
  leftMs: number,
  shared: Limiter,
  { key, limits, marginMs }: AdmitRequest,
  admissions: readonly Admission[],
): Promise<void> {
  const holdMs = Math.ceil(leftMs);
  const settlements = admissions.flatMap((admission) =>
    admission.kind === 'granted'
      ? [{ id: admission.claim.id, token: admission.claim.token, outcome: 'release' as const, holdMs }]
      : [],
  );
  try {
    if (settlements.length > 0) await shared.settle({ key, limits, marginMs, settlements });
  } catch {
    // The limiter is gone again.
  }
}

/** The same answers, with nothing granted and nothing due before so many milliseconds have passed. */
export function waitFor(
  leftMs: number,
  clock: Clock,
  admissions: readonly Admission[],
): readonly Admission[] {
  const freeAtMs = clock.nowMs() + leftMs;
  return admissions.map((admission): Admission => {
    if (admission.kind === 'granted') return waitUntil(freeAtMs);
    if (admission.kind === 'wait') return { ...admission, dueAtMs: Math.max(freeAtMs, admission.dueAtMs) };
    return admission;
  });
}

export function waitUntil(dueAtMs: number): Admission {
  return { kind: 'wait', dueAtMs, position: 0 };
}
