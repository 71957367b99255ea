import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { memoryLimiter, type Admission, type AdmitRequest, type Limiter } from '@huntaze/rate-limiter-lambda';
import { partOf } from '../judges/alone-watch.ts';
import { memoryMs } from '../scenario/terms.ts';
import type { Scenario } from '../scenario/scenario.ts';

type Item = { readonly id: string; readonly token: number };

/**
 * A local share for mutants: decides alone after the same silence and with the same share, but is back at the limiter as
 * soon as that answers, whatever it has just admitted.
 */
export function withoutWayBack(shared: Limiter, clock: Clock, { localShare }: Scenario): Limiter {
  if (localShare === undefined) return shared;
  const own = memoryLimiter({ clock });
  const sinceMs = new Map<string, number>();
  const admitAlone = async (request: AdmitRequest) => {
    const limits = request.limits.map((limit) => partOf(limit, localShare));
    return (await own.admit({ ...request, limits })).map(withTokenOfItsOwn);
  };
  return {
    async admit(request) {
      const { key, leaseMs, marginMs, limits } = request;
      try {
        const admissions = await shared.admit(request);
        sinceMs.delete(key);
        return admissions;
      } catch (error) {
        const nowMs = clock.monotonicMs();
        const silentMs = nowMs - (sinceMs.get(key) ?? nowMs);
        sinceMs.set(key, nowMs - silentMs);
        if (silentMs < leaseMs + memoryMs(limits) + 2 * marginMs) throw error;
        return await admitAlone(request);
      }
    },
    settle: async (request) =>
      await byWhoGranted(request.settlements, (settlements, alone) =>
        (alone ? own : shared).settle({ ...request, settlements }),
      ),
    renew: async (request) =>
      await byWhoGranted(request.claims, (claims, alone) =>
        (alone ? own : shared).renew({ ...request, claims }),
      ),
  };
}

function withTokenOfItsOwn(admission: Admission): Admission {
  if (admission.kind !== 'granted') return admission;
  return { kind: 'granted', claim: { ...admission.claim, token: -admission.claim.token } };
}

/** The handler settles and renews one claim at a time. */
function byWhoGranted<One extends Item>(
  items: readonly One[],
  ask: (items: readonly One[], alone: boolean) => Promise<readonly boolean[]>,
): Promise<readonly boolean[]> {
  const alone = items.some(({ token }) => token < 0);
  return ask(alone ? items.map((item) => ({ ...item, token: -item.token })) : items, alone);
}
