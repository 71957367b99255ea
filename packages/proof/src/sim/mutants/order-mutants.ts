import type { Priority } from '@huntaze/rate-limiter-client/contract';
import type { AdmitRequest, Candidate, Limit, Limiter } from '@huntaze/rate-limiter-lambda';
import { admitting, mutant, type Mutant } from './mutant.ts';

/** Worlds in which the wrong one goes first, or nobody although somebody could. */
export const orderMutants: readonly Mutant[] = [
  mutant('priority: the last goes first', ['order'], 2, {
    limiter: (limiter) => prioritised(limiter, (priority) => OPPOSITE[priority]),
  }),
  mutant('priority: all are alike', ['order'], 2, {
    limiter: (limiter) => prioritised(limiter, () => 'medium'),
  }),
  mutant('first in, first out: newcomers take the places of those who wait', ['order'], 1, {
    limiter: withNewcomersFirst,
  }),
  mutant('aging: a priority is never outwaited', ['order'], 28, {
    limiter: (limiter) => admitting(limiter, (request) => ({ ...request, agingMs: 0 })),
  }),
  mutant('the cost: every message takes one place', ['rate'], 25, {
    limiter: (limiter) => ({
      ...limiter,
      admit: (request) =>
        limiter.admit({ ...request, candidates: request.candidates.map((one) => ({ ...one, cost: 1 })) }),
    }),
  }),
  mutant('the tiers: every key has the limits of the first', ['rate'], 6, { limiter: withOneTier }),
  mutant('the whole limit: half of it is refused', ['order'], 2, { limiter: withHalf }),
  mutant('the due time: who waits is told one that is over', ['due-time'], 1, { limiter: withoutDueTimes }),
];

const OPPOSITE: Readonly<Record<Priority, Priority>> = { high: 'low', medium: 'medium', low: 'high' };

function prioritised(limiter: Limiter, change: (priority: Priority) => Priority): Limiter {
  const changed = (one: Candidate) => ({ ...one, priority: change(one.priority) });
  return admitting(limiter, (request) => ({ ...request, candidates: request.candidates.map(changed) }));
}

function withoutDueTimes(limiter: Limiter): Limiter {
  return {
    ...limiter,
    async admit(request) {
      const admissions = await limiter.admit(request);
      return admissions.map((one) => (one.kind === 'wait' ? { ...one, dueAtMs: 0 } : one));
    },
  };
}

/** Every newcomer goes by the name of the one that came last of those who wait, and that one by a new name. */
function withNewcomersFirst(limiter: Limiter): Limiter {
  const aliases = new Map<string, string>();
  const waiting: Candidate[] = [];
  const nameOf = (key: string, id: string) => aliases.get(`${key} ${id}`) ?? id;
  const enter = (key: string, candidate: Candidate) => {
    const name = `${key} ${candidate.id}`;
    if (aliases.has(name)) return;
    aliases.set(name, candidate.id);
    const last = waiting.findLast(
      ({ id, priority }) => priority === candidate.priority && id.startsWith(`${key} `),
    );
    if (!last) return;
    aliases.set(name, aliases.get(last.id)!);
    aliases.set(last.id, candidate.id);
  };
  return {
    async admit(request) {
      const { key, candidates } = request;
      for (const candidate of candidates) enter(key, candidate);
      const asked = candidates.map((one) => ({ ...one, id: nameOf(key, one.id) }));
      const admissions = await limiter.admit({ ...request, candidates: asked });
      for (const [index, { kind }] of admissions.entries()) {
        const one = { ...candidates[index]!, id: `${key} ${candidates[index]!.id}` };
        const at = waiting.findIndex(({ id }) => id === one.id);
        if (at >= 0) waiting.splice(at, 1);
        if (kind === 'wait') waiting.push(one);
      }
      return admissions.map((one, index) =>
        one.kind === 'granted' ? { ...one, claim: { ...one.claim, id: candidates[index]!.id } } : one,
      );
    },
    settle: (request) =>
      limiter.settle({
        ...request,
        settlements: request.settlements.map((one) => ({ ...one, id: nameOf(request.key, one.id) })),
      }),
    renew: (request) =>
      limiter.renew({
        ...request,
        claims: request.claims.map((one) => ({ ...one, id: nameOf(request.key, one.id) })),
      }),
  };
}

function withOneTier(limiter: Limiter): Limiter {
  let first: readonly Limit[] | undefined;
  return admitting(limiter, (request) => ({ ...request, limits: (first ??= request.limits) }));
}

function withHalf(limiter: Limiter): Limiter {
  return {
    ...limiter,
    admit: (request) => limiter.admit(halved(request)),
    settle: (request) => limiter.settle(halved(request)),
  };
}

function halved<Request extends Pick<AdmitRequest, 'limits'>>(request: Request): Request {
  return { ...request, limits: request.limits.map(halfOf) };
}

function halfOf(limit: Limit): Limit {
  return limit.kind === 'sliding-window'
    ? { ...limit, limit: Math.ceil(limit.limit / 2) }
    : { ...limit, capacity: Math.ceil(limit.capacity / 2) };
}
