import type { Admission, AdmitRequest, Candidate, Limiter } from '@huntaze/rate-limiter-lambda';
import type { Named } from '../parts/identity.ts';
import { mutant, type Mutant } from './mutant.ts';

/** Worlds in which a limiter knows too little of what was, or too much. */
export const memoryMutants: readonly Mutant[] = [
  mutant(
    'one usage for all: what was admitted under other limits does not count',
    ['rate', 'claim', 'fence'],
    1,
    {
      limiter: withUsageByLimits,
    },
  ),
  mutant(
    'the queue in the name: messages of two queues are one',
    ['conservation', 'effect', 'order', 'claim'],
    55,
    {
      limiter: (limiter) => renaming(limiter, (request) => ({ ...request, queue: undefined })),
    },
  ),
  mutant(
    'the life in the name: a dead letter that comes back is the one that was sent',
    ['conservation'],
    17,
    {
      limiter: withOneLife,
    },
  ),
  mutant(
    'the end of a waiter that does not return: its place is kept for ever',
    ['idle', 'order', 'liveness'],
    2,
    {
      limiter: withGhosts,
    },
  ),
  mutant('the memory of what is unfinished: a claim is soon forgotten', ['claim', 'effect', 'attempts'], 4, {
    limiter: (limiter, clock) => withShortMemory(limiter, () => clock.nowMs()),
  }),
  mutant('the end of memory: what is finished is known for ever', ['memory'], 24, {
    limiter: withEndlessMemory,
  }),
];

type Request = { readonly key: string; readonly queue?: string | undefined };

/** Changes all requests, and gives claims the names back that they were asked for with. */
function renaming(limiter: Limiter, change: <One extends Request>(request: One) => One): Limiter {
  return {
    ...limiter,
    admit: async (request) => restored(await limiter.admit(change(request)), request),
    settle: (request) => limiter.settle(change(request)),
    renew: (request) => limiter.renew(change(request)),
  };
}

function restored(admissions: readonly Admission[], request: AdmitRequest & Request): readonly Admission[] {
  return admissions.map((one, index) => {
    if (one.kind !== 'granted') return one;
    const { key, queue } = request;
    const { id, life } = request.candidates[index]! as Candidate & Named;
    const names = { key, id, ...(queue !== undefined && { queue }), ...(life !== undefined && { life }) };
    return { kind: 'granted', claim: { ...one.claim, ...names } };
  });
}

/** Each set of limits has a key of its own. */
function withUsageByLimits(limiter: Limiter): Limiter {
  const keyOf = new Map<string, string>();
  const of = (key: string, claimed: readonly { readonly token: number }[]) =>
    keyOf.get(`${key} ${claimed[0]?.token}`) ?? key;
  // Tokens of one key grow, whichever key they come from.
  let ahead = 0;
  const inner = new Map<number, number>();
  const innerOf = <One extends { readonly token: number }>(one: One): One => ({
    ...one,
    token: inner.get(one.token) ?? one.token,
  });
  return {
    ...limiter,
    async admit(request) {
      const key = `${request.key} ${JSON.stringify(request.limits)}`;
      const admissions = restored(await limiter.admit({ ...request, key }), request);
      return admissions.map((one) => {
        if (one.kind !== 'granted') return one;
        const token = ++ahead;
        inner.set(token, one.claim.token);
        keyOf.set(`${request.key} ${token}`, key);
        return { kind: 'granted', claim: { ...one.claim, token } };
      });
    },
    settle: (request) =>
      limiter.settle({
        ...request,
        key: of(request.key, request.settlements),
        settlements: request.settlements.map(innerOf),
      }),
    renew: (request) =>
      limiter.renew({
        ...request,
        key: of(request.key, request.claims),
        claims: request.claims.map(innerOf),
      }),
  };
}

function withoutLife<One>(one: One): One {
  return { ...one, life: undefined };
}

function withOneLife(limiter: Limiter): Limiter {
  return {
    ...limiter,
    admit: async (request) =>
      restored(await limiter.admit({ ...request, candidates: request.candidates.map(withoutLife) }), request),
    settle: (request) => limiter.settle({ ...request, settlements: request.settlements.map(withoutLife) }),
    renew: (request) => limiter.renew({ ...request, claims: request.claims.map(withoutLife) }),
  };
}

/** How many waiters are kept in line at most, at each question. */
const MOST_GHOSTS = 40;

/** Asks for every waiter that is overdue, as if it had come back, and gives back what it is granted. */
function withGhosts(limiter: Limiter): Limiter {
  const waiting = new Map<string, Map<string, { readonly candidate: Candidate; readonly dueAtMs: number }>>();
  return {
    ...limiter,
    async admit(request) {
      const line = waiting.get(request.key) ?? new Map<string, never>();
      waiting.set(request.key, line);
      const asking = new Set(request.candidates.map(({ id }) => id));
      const ghosts = [...line.values()]
        .map(({ candidate }) => candidate)
        .filter(({ id }) => !asking.has(id))
        .slice(0, MOST_GHOSTS);
      const candidates = [...ghosts, ...request.candidates];
      const admissions = await limiter.admit({ ...request, candidates });
      const settlements = admissions
        .slice(0, ghosts.length)
        .flatMap((one) =>
          one.kind === 'granted'
            ? [{ id: one.claim.id, token: one.claim.token, outcome: 'unused' as const }]
            : [],
        );
      if (settlements.length > 0) await limiter.settle({ ...request, settlements });
      const answers = admissions.slice(ghosts.length);
      for (const [index, answer] of answers.entries()) {
        const candidate = request.candidates[index]!;
        if (answer.kind === 'wait') line.set(candidate.id, { candidate, dueAtMs: answer.dueAtMs });
        else line.delete(candidate.id);
      }
      return answers;
    },
  };
}

/** How long a limiter knows of a claim, for a mutant: less than some leases last. */
const SHORT_MS = 10_000;

/** A message that was claimed and is not final goes by another name after a while. */
function withShortMemory(limiter: Limiter, now: () => number): Limiter {
  const names = new Map<string, { readonly name: string; readonly claimedMs: number }>();
  const byToken = new Map<string, string>();
  let given = 0;
  const nameOf = (key: string, id: string) => {
    const known = names.get(`${key} ${id}`);
    if (!known) return id;
    return now() - known.claimedMs < SHORT_MS ? known.name : `${id}~${given++}`;
  };
  const claimed =
    (key: string) =>
    <One extends { readonly id: string; readonly token: number }>(one: One): One => ({
      ...one,
      id: byToken.get(`${key} ${one.token}`) ?? one.id,
    });
  return {
    ...limiter,
    async admit(request) {
      const { key } = request;
      const asked = request.candidates.map((one) => ({ ...one, id: nameOf(key, one.id) }));
      const admissions = await limiter.admit({ ...request, candidates: asked });
      for (const [index, one] of admissions.entries()) {
        if (one.kind !== 'granted') continue;
        byToken.set(`${key} ${one.claim.token}`, one.claim.id);
        names.set(`${key} ${request.candidates[index]!.id}`, { name: one.claim.id, claimedMs: now() });
      }
      return restored(admissions, request);
    },
    settle(request) {
      const { key, settlements } = request;
      for (const { id, outcome } of settlements) {
        const known = names.get(`${key} ${id}`);
        const isFinal = outcome === 'delivered' || outcome === 'dead';
        if (known && isFinal) names.set(`${key} ${id}`, { ...known, claimedMs: Number.POSITIVE_INFINITY });
      }
      return limiter.settle({ ...request, settlements: settlements.map(claimed(key)) });
    },
    renew: (request) => limiter.renew({ ...request, claims: request.claims.map(claimed(request.key)) }),
  };
}

function withEndlessMemory(limiter: Limiter): Limiter {
  const outcomes = new Map<string, 'delivered' | 'dead'>();
  return {
    ...limiter,
    async admit(request) {
      const admissions = await limiter.admit(request);
      return admissions.map((one, index): Admission => {
        const outcome = outcomes.get(fullNameOf(request, request.candidates[index]!));
        return outcome ? { kind: 'settled', outcome } : one;
      });
    },
    async settle(request) {
      const taken = await limiter.settle(request);
      for (const [index, one] of request.settlements.entries())
        if (taken[index] && (one.outcome === 'delivered' || one.outcome === 'dead'))
          outcomes.set(fullNameOf(request, one), one.outcome);
      return taken;
    },
  };
}

function fullNameOf({ key, queue }: Request, { id, life }: Named): string {
  return `${queue} ${key} ${id} ${life}`;
}
