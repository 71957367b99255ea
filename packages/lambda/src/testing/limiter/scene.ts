import type { Priority } from '@huntaze/rate-limiter-client/contract';
import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { slidingWindow, type Limit } from '../../limiter/limits/limit.ts';
import type {
  Admission,
  Candidate,
  Claim,
  Limiter,
  RenewRequest,
  Settlement,
} from '../../limiter/limiter.ts';
import type { LimiterOperations } from '../../limiter/operations.ts';

export interface LimiterUnderTest {
  /** A limiter that takes the time from `clock`, keeps the limit of `upstream`, and knows no key yet. */
  make(clock: FakeClock, upstream?: string): Limiter & LimiterOperations;
}

export const LEASE_MS = 30_000;
export const tenPerMinute = [slidingWindow({ limit: 10, windowMs: 60_000 })];
export const onePerSecond = [slidingWindow({ limit: 1, windowMs: 1_000 })];
const twoPerSecond = [slidingWindow({ limit: 2, windowMs: 1_000 })];

/** What varies between questions, with what most tests mean by default. */
interface Question {
  readonly limits?: readonly Limit[];
  readonly key?: string;
  readonly queue?: string;
  readonly marginMs?: number;
  readonly agingMs?: number;
}

/** A new limiter at the start of time, and short ways to ask it. Time stands still unless a test moves it. */
export function scene({ make }: LimiterUnderTest, upstream?: string) {
  const clock = fakeClock();
  const limiter = make(clock, upstream);
  const startMs = clock.nowMs();
  const defaults = { limits: twoPerSecond, key: 'account-1', marginMs: 0, agingMs: 0 };
  const admit = (candidates: readonly (string | Candidate)[], question: Question = {}) =>
    limiter.admit({
      ...defaults,
      ...question,
      leaseMs: LEASE_MS,
      candidates: candidates.map((one) => (typeof one === 'string' ? medium(one) : one)),
    });
  const settle = (settlements: readonly Settlement[], question: Question = {}) =>
    limiter.settle({ ...defaults, ...question, settlements });
  const admitOne = async (id: string, question?: Question) => (await admit([id], question))[0]!;
  /** Admits, and delivers at once what was granted. */
  const send = async (candidates: readonly (string | Candidate)[], question?: Question) => {
    const admissions = await admit(candidates, question);
    const claims = admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim] : []));
    const delivered = claims.map(({ id, token }) => ({ id, token, outcome: 'delivered' }) as const);
    if (delivered.length > 0) await settle(delivered, question);
    return admissions;
  };
  return {
    clock,
    limiter,
    startMs,
    admit,
    admitOne,
    settle,
    send,
    renew: (claims: RenewRequest['claims']) => limiter.renew({ key: 'account-1', claims, leaseMs: LEASE_MS }),
    sendOne: async (id: string, question?: Question) => (await send([id], question))[0]!,
    claim: async (id: string, question?: Question) => claimOf(await admitOne(id, question)),
    wait: (dueInMs: number, position: number): Admission => ({
      kind: 'wait',
      dueAtMs: startMs + dueInMs,
      position,
    }),
  };
}

export const high = (id: string) => candidate(id, 'high');
export const medium = (id: string) => candidate(id, 'medium');
export const low = (id: string) => candidate(id, 'low');
const candidate = (id: string, priority: Priority): Candidate => ({ id, priority });
/** A message that takes several places. */
export const costing = (cost: number, id: string): Candidate => ({ ...medium(id), cost });

export function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m-${index}`);
}

export function kinds(admissions: readonly Admission[]): string[] {
  return admissions.map(({ kind }) => kind);
}

export function claimOf(admission: Admission): Claim {
  if (admission.kind !== 'granted') throw new Error(`expected a claim, found ${admission.kind}`);
  return admission.claim;
}
