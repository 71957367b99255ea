import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type {
  Admission,
  AdmitRequest,
  Limiter,
  RenewRequest,
  SettleRequest,
} from '@huntaze/rate-limiter-lambda';
import type { Host } from '../parts/host.ts';
import { labelOf, type Named } from '../parts/identity.ts';
import type { World } from './world.ts';

/** A limiter whose decisions the judge hears of at the moment they are made. */
export interface JudgedLimiter {
  admit(request: AdmitRequest, host: Host): Promise<readonly Admission[]>;
  settle(request: SettleRequest, host: Host): Promise<readonly boolean[]>;
  renew(request: RenewRequest, host: Host): Promise<readonly boolean[]>;
}

/** @param clock the limiter's own. */
export function judgedLimiter(
  { judge, trace }: World,
  limiter: Limiter,
  clock: Clock,
  order: 'exact' | 'about',
): JudgedLimiter {
  const tells = order === 'exact';
  return {
    async admit(request, host) {
      const admissions = await limiter.admit(request);
      for (const [index, admission] of admissions.entries()) {
        trace.note('admit', request.key, request.candidates[index]!.id, admission.kind);
        judge.hit(admission.kind === 'settled' ? `settled: ${admission.outcome}` : admission.kind);
        if (admission.kind === 'settled') judge.recognised(request.key, request.candidates[index]!, host);
      }
      // In the order in which they were granted, which is that of the line.
      const claims = admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim] : []));
      for (const claim of claims.toSorted((a, b) => a.token - b.token))
        judge.granted(claim, host, request.leaseMs);
      if (tells)
        judge.order.decided(
          { ...request, candidates: labelled(request.candidates, host) },
          admissions,
          clock.nowMs(),
        );
      return admissions;
    },
    async settle(request, host) {
      const taken = await limiter.settle(request);
      for (const [index, settlement] of request.settlements.entries()) {
        trace.note('settle', request.key, settlement.id, settlement.outcome, taken[index]!);
        judge.recorded(request.key, settlement, host, taken[index]!);
      }
      const settlements = labelled(request.settlements, host);
      if (tells) judge.order.recorded({ ...request, settlements }, taken, clock.nowMs());
      return taken;
    },
    async renew(request, host) {
      const taken = await limiter.renew(request);
      for (const [index, claim] of request.claims.entries()) {
        trace.note('renew', request.key, claim.id, taken[index]!);
        judge.renewed({ ...claim, key: request.key }, host, request.leaseMs, taken[index]!);
      }
      if (tells) judge.order.renewed(request, taken, clock.nowMs());
      return taken;
    },
  };
}

/** Whose ids are names among all of their key. */
function labelled<One extends Named>(all: readonly One[], { queue }: Host): readonly One[] {
  return all.map((one) => ({ ...one, id: labelOf(one, queue) }));
}
