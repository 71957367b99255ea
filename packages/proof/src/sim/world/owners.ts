import type { Clock } from '@huntaze/rate-limiter-client/contract';
import type { Admission, AdmitRequest, Claim, Limiter, SettleRequest } from '@huntaze/rate-limiter-lambda';

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

  const answered = (key: string, id: string, owner: string): Admission | undefined => {
    const known = claims.get(nameOf(key, id));
    const alive = known?.owner === owner && clock.nowMs() < known.claim.leaseUntilMs;
    return alive ? { kind: 'granted', claim: known.claim } : undefined;
  };
  return {
    async admit(request, owner, decide) {
      const { key } = request;
      const before = new Map(request.candidates.map(({ id }) => [id, answered(key, id, owner)]));
      const candidates = request.candidates.filter(({ id }) => before.get(id) === undefined);
      const decided = candidates.length > 0 ? await decide({ ...request, candidates }) : [];
      for (const admission of decided) {
        if (admission.kind === 'granted')
          claims.set(nameOf(key, admission.claim.id), { owner, claim: admission.claim });
      }
      const rest = decided.values();
      return request.candidates.map(({ id }) => before.get(id) ?? rest.next().value!);
    },
    async settle(request, record) {
      const taken = await record(request);
      for (const [index, { id, token }] of request.settlements.entries()) {
        const name = nameOf(request.key, id);
        if (taken[index] && claims.get(name)?.claim.token === token) claims.delete(name);
      }
      return taken;
    },
    forget: () => claims.clear(),
  };
}

function nameOf(key: string, id: string): string {
  return `${key} ${id}`;
}
