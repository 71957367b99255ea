import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission, AdmitRequest, Claim, Limiter, SettleRequest } from '@huntaze/rate-limiter-lambda';
import { labelOf, type Named } from '../parts/identity.ts';

type Decide = (request: AdmitRequest) => Promise<readonly Admission[]>;

/**
 * Recognises commands that arrive twice, because the connection was lost before their answer and sent them again: what
 * one of them has claimed is answered as before, and charged once.
 */
export interface Owners {
  admit(request: AdmitRequest, owner: string, decide: Decide): Promise<readonly Admission[]>;
  settle(request: SettleRequest, record: Limiter['settle']): Promise<readonly boolean[]>;
  forget(): void;
}

export function recognising(clock: Clock): Owners {
  const claims = new Map<string, { readonly owner: string; readonly claim: Claim }>();

  const answered = (name: string, owner: string): Admission | undefined => {
    const known = claims.get(name);
    const alive = known?.owner === owner && clock.nowMs() < known.claim.leaseUntilMs;
    return alive ? { kind: 'granted', claim: known.claim } : undefined;
  };
  return {
    async admit(request, owner, decide) {
      const before = new Map(
        request.candidates.map((one) => [one.id, answered(nameOf(request, one), owner)]),
      );
      const candidates = request.candidates.filter(({ id }) => before.get(id) === undefined);
      const decided = candidates.length > 0 ? await decide({ ...request, candidates }) : [];
      for (const admission of decided) {
        if (admission.kind === 'granted')
          claims.set(nameOf(request, admission.claim), { owner, claim: admission.claim });
      }
      const rest = decided.values();
      return request.candidates.map(({ id }) => before.get(id) ?? rest.next().value!);
    },
    async settle(request, record) {
      const taken = await record(request);
      for (const [index, one] of request.settlements.entries()) {
        const name = nameOf(request, one);
        if (taken[index] && claims.get(name)?.claim.token === one.token) claims.delete(name);
      }
      return taken;
    },
    forget: () => claims.clear(),
  };
}

function nameOf({ key, queue }: { readonly key: string; readonly queue?: string | undefined }, named: Named) {
  return `${key} ${labelOf(named, queue ?? '')}`;
}
