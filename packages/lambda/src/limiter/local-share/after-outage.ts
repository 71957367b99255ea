import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission } from '../limiter.ts';

/** The same answers, with nothing granted and nothing due before so many milliseconds have passed. */
export function waitFor(
  leftMs: number,
  clock: Clock,
  admissions: readonly Admission[],
): readonly Admission[] {
  const freeAtMs = clock.nowMs() + leftMs;
  return admissions.map((admission): Admission => {
    if (admission.kind === 'granted') return { kind: 'wait', dueAtMs: freeAtMs, position: 0 };
    if (admission.kind === 'wait') return { ...admission, dueAtMs: Math.max(freeAtMs, admission.dueAtMs) };
    return admission;
  });
}
