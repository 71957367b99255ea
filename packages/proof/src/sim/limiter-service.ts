import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { memoryLimiter, type Limiter } from '@huntaze/rate-limiter-lambda';
import type { LimiterService } from './limiter-link.ts';
import type { Safeguards } from './safeguards.ts';
import type { World } from './world.ts';

/** The limiter that all processes share, before the eyes of the judge, with a clock that can be set back. */
export function startLimiter(
  world: World,
  safeguards: Safeguards,
): LimiterService & { stepBack(byMs: number): void } {
  let offsetMs = 0;
  const stepping: Clock = { ...world.time.clock, nowMs: () => world.time.clock.nowMs() + offsetMs };
  const clock = safeguards.limiterClock(stepping);
  return {
    limiter: judged(world, safeguards.limiter(memoryLimiter({ clock }))),
    nowMs: () => clock.nowMs(),
    down: false,
    stepBack(byMs) {
      offsetMs -= byMs;
    },
  };
}

function judged({ judge, trace }: World, limiter: Limiter): Limiter {
  return {
    async admit(request) {
      const admissions = await limiter.admit(request);
      for (const [index, admission] of admissions.entries()) {
        trace.note('admit', request.key, request.candidates[index]!.id, admission.kind);
        judge.hit(admission.kind === 'settled' ? `settled: ${admission.outcome}` : admission.kind);
      }
      // In the order in which they were granted, which is that of the line.
      const claims = admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim] : []));
      for (const claim of claims.toSorted((a, b) => a.token - b.token)) judge.granted(claim, request.leaseMs);
      return admissions;
    },
    async settle(request) {
      const taken = await limiter.settle(request);
      for (const [index, settlement] of request.settlements.entries()) {
        trace.note('settle', request.key, settlement.id, settlement.outcome, taken[index]!);
        judge.recorded(request.key, settlement, taken[index]!);
      }
      return taken;
    },
    async renew(request) {
      const taken = await limiter.renew(request);
      for (const [index, claim] of request.claims.entries()) {
        trace.note('renew', request.key, claim.id, taken[index]!);
        judge.renewed({ ...claim, key: request.key }, request.leaseMs, taken[index]!);
      }
      return taken;
    },
  };
}
