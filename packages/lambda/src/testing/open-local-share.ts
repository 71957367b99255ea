import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect } from 'vitest';
import type { AdmitRequest, Limiter } from '../limiter/limiter.ts';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';
import { slidingWindow, type Limit } from '../limiter/limits/limit.ts';
import { handlerLimiter } from '../handler-limiter/handler-limiter.ts';

export const WINDOW_MS = 60_000;
export const LEASE_MS = 10_000;
const LIMITS = [slidingWindow({ limit: 10, windowMs: WINDOW_MS })];
/** Until the shared limiter has been silent for so long, a process admits nothing alone. */
export const SILENT_MS = LEASE_MS + WINDOW_MS;

/** A longer time without a question is no silence: the power of two below a quarter of it. */
export const GAP_MS = 16_000;

/** A shared limiter that can be switched off, and one process with a share of it. */
export function openLocalShare({
  share = 0.5,
  limits = LIMITS,
  partOf,
}: { share?: number; limits?: readonly Limit[]; partOf?: Limiter['partOf'] } = {}) {
  const clock = fakeClock();
  const memory = memoryLimiter({ clock });
  const heard: string[] = [];
  const state = { down: false };
  const guarded =
    <Request, Answer>(name: string, call: (request: Request) => Promise<Answer>) =>
    async (request: Request) => {
      heard.push(name);
      if (state.down) throw new LimiterUnavailableError('expected an answer, found none');
      return await call(request);
    };
  const shared: Limiter = {
    admit: guarded('admit', memory.admit),
    settle: guarded('settle', memory.settle),
    renew: guarded('renew', memory.renew),
    ...(partOf && { partOf }),
  };
  const measured: string[] = [];
  const metrics = {
    record: (name: string) => void (name === 'LocalAdmissions' && measured.push(name)),
  };
  const bounds = { clock, timeoutMs: 5_000, metrics };
  const limiter = handlerLimiter(shared, { localShare: share }, bounds);
  const requestFor = (ids: readonly string[]): AdmitRequest => ({
    key: 'account-1',
    queue: 'eu-west-1/123456789012/queue',
    limits,
    marginMs: 0,
    leaseMs: LEASE_MS,
    candidates: ids.map((id) => ({ id, priority: 'medium' })),
  });
  let asked = 0;
  /** Asks about so many new messages, settles what is granted, and tells what became of them. */
  const spend = async (count: number, of: Limiter = limiter) => {
    const request = requestFor(Array.from({ length: count }, () => `m-${asked++}`));
    const admissions = await of.admit(request);
    const settlements = admissions.flatMap((one) =>
      one.kind === 'granted' ? [{ ...one.claim, outcome: 'delivered' as const }] : [],
    );
    if (settlements.length > 0) await of.settle({ ...request, settlements });
    return settlements.length;
  };
  /** Asks in vain, as often as it takes to see that the silence goes on, for so long. */
  const askInVain = async (forMs: number) => {
    for (let passedMs = 0; passedMs < forMs; passedMs += GAP_MS) {
      await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
      await clock.advance(Math.min(GAP_MS, forMs - passedMs));
    }
  };
  const goAlone = async () => {
    state.down = true;
    await askInVain(SILENT_MS);
  };
  return { clock, memory, state, heard, measured, limiter, requestFor, spend, askInVain, goAlone };
}
