import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import type { AdmitRequest, Limiter } from '../limiter/limiter.ts';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';
import { slidingWindow, tokenBucket, type Limit } from '../limits/limit.ts';
import { withLocalShare } from './local-share.ts';

const WINDOW_MS = 60_000;
const LEASE_MS = 10_000;
const LIMITS = [slidingWindow({ limit: 10, windowMs: WINDOW_MS })];
/** Until the shared limiter has been silent for so long, nothing is admitted here. */
const SILENT_MS = LEASE_MS + WINDOW_MS;

/** A shared limiter that can be switched off, and one process with a share of it. */
function open({ share = 0.5, limits = LIMITS }: { share?: number; limits?: readonly Limit[] } = {}) {
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
  };
  const measured: string[] = [];
  const metrics = { record: (name: string) => void measured.push(name) };
  const limiter = withLocalShare(shared, { share, clock, metrics });
  const requestFor = (ids: readonly string[]): AdmitRequest => ({
    key: 'account-1',
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
  const goAlone = async () => {
    state.down = true;
    await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
    await clock.advance(SILENT_MS);
  };
  return { clock, memory, state, heard, measured, limiter, requestFor, spend, goAlone };
}

it('is the shared limiter while that answers', async () => {
  const { spend, measured, heard } = open();
  expect(await spend(12)).toBe(10);
  expect(heard).toEqual(['admit', 'settle']);
  expect(measured).toEqual([]);
});

it('admits nothing until the shared limiter was silent for a lease and a window, then its share', async () => {
  const { spend, state, clock, measured } = open();
  expect(await spend(10)).toBe(10);
  state.down = true;

  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(SILENT_MS - 1);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(1);

  expect(await spend(12)).toBe(5);
  expect(measured).toEqual(Array(5).fill('LocalAdmissions'));
});

it('begins to count the silence anew when the shared limiter has answered in between', async () => {
  const { spend, state, clock } = open();
  state.down = true;
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  state.down = false;
  expect(await spend(1)).toBe(1);
  state.down = true;
  await clock.advance(SILENT_MS);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
});

it('never sends the shared limiter a claim of its own', async () => {
  const { limiter, requestFor, goAlone, heard } = open();
  await goAlone();
  const [admission] = await limiter.admit(requestFor(['mine']));
  if (admission?.kind !== 'granted') throw new Error('expected a grant');
  heard.length = 0;

  const claims = [admission.claim];
  expect(admission.claim.token).toBeLessThan(0);
  expect(await limiter.renew({ ...requestFor([]), claims })).toEqual([true]);
  const settlements = [{ ...admission.claim, outcome: 'delivered' as const }];
  expect(await limiter.settle({ ...requestFor([]), settlements })).toEqual([true]);
  expect(await limiter.settle({ ...requestFor([]), settlements })).toEqual([false]);

  expect(heard).toEqual([]);
  expect(await limiter.admit(requestFor(['mine']))).toEqual([{ kind: 'settled', outcome: 'delivered' }]);
});

it('asks the shared limiter again every five seconds, and tells that it decided alone, and why', async () => {
  const { limiter, requestFor, goAlone, heard, clock } = open();
  await goAlone();
  heard.length = 0;
  const causes: unknown[] = [];
  for (let second = 0; second < 10; second++) {
    await limiter.admit(requestFor([`m-${second}`]), (error) => causes.push(error));
    await clock.advance(1_000);
  }
  expect(heard).toEqual(['admit', 'admit']);
  expect(causes).toHaveLength(10);
  expect(causes[0]).toBeInstanceOf(LimiterUnavailableError);
});

it('gives back what the shared limiter grants, and holds the key for all, until its own have left the window', async () => {
  const { limiter, memory, requestFor, spend, goAlone, state, clock } = open();
  await goAlone();
  expect(await spend(5)).toBe(5);
  state.down = false;
  await clock.advance(20_000);

  const [admission] = await limiter.admit(requestFor(['waits']));
  expect(admission).toMatchObject({ kind: 'wait', dueAtMs: clock.nowMs() + 40_000 });
  // Another process, which never lost the limiter.
  expect(await spend(1, memory)).toBe(0);
  await clock.advance(39_999);
  expect(await spend(1)).toBe(0);
  await clock.advance(1);
  // Three wait since then, and go first when they come back.
  expect(await spend(12)).toBe(10 - 3);
});

it('waits for its own deliveries to end before the shared limiter is used again', async () => {
  const { limiter, requestFor, goAlone, state, clock } = open();
  await goAlone();
  await limiter.admit(requestFor(['slow']));
  state.down = false;
  await clock.advance(5_000);
  // It may run until its lease ends, and its call counts from then.
  const [admission] = await limiter.admit(requestFor(['next']));
  expect(admission).toMatchObject({ kind: 'wait', dueAtMs: clock.nowMs() + 5_000 + WINDOW_MS });
});

it.each([
  ['a window', [slidingWindow({ limit: 10, windowMs: 1_000 })]],
  ['a bucket', [tokenBucket({ capacity: 10, refillPerMinute: 60 })]],
])('admits nothing alone when its share of %s is less than one message', async (_, limits) => {
  const { spend, state, clock } = open({ limits, share: 0.09 });
  state.down = true;
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(10 * SILENT_MS);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
});
