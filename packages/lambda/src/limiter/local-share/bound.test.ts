import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Limiter } from '../limiter.ts';
import { memoryLimiter } from '../memory/memory-limiter.ts';
import { slidingWindow } from '../limits/limit.ts';
import { handlerLimiter } from '../../handler-limiter/handler-limiter.ts';

const RUNS = process.env['DEEP'] ? 2_000 : 60;
const LIMIT = 12;
const WINDOW_MS = 60_000;
const LEASE_MS = 5_000;
const STEP_MS = 2_500;
const STEPS = 250;

/** Which workers do not reach the shared limiter, and when. */
interface Outage {
  readonly fromStep: number;
  readonly steps: number;
  /** One bit per worker. */
  readonly workers: number;
}

const outages = fc.array(
  fc.record({
    fromStep: fc.nat(STEPS),
    steps: fc.integer({ min: 1, max: 80 }),
    workers: fc.integer({ min: 1, max: 15 }),
  }),
  { minLength: 1, maxLength: 4 },
);

/** Lets workers that always want more send as fast as they may. @returns the most calls in any window. */
async function worstWindow(workers: number, share: number, planned: readonly Outage[]): Promise<number> {
  const clock = fakeClock();
  const shared = memoryLimiter({ clock });
  const cut = Array.from({ length: workers }, () => false);
  const limiters = cut.map((_, index) =>
    handlerLimiter(
      reachable(shared, () => !cut[index]),
      { localShare: share },
      { clock, timeoutMs: 1_000, metrics: { record: () => {} } },
    ),
  );
  const callsAtMs: number[] = [];
  const backlogs = cut.map((_, index) => Array.from({ length: 600 }, (_entry, id) => `${index}-${id}`));
  for (let step = 0; step < STEPS; step++) {
    for (const index of cut.keys()) {
      cut[index] = planned.some(
        ({ fromStep, steps, workers: which }) =>
          step >= fromStep && step < fromStep + steps && (which >> index) % 2 === 1,
      );
      await send(limiters[index]!, backlogs[index]!, clock, callsAtMs);
    }
    await clock.advance(STEP_MS);
  }
  return Math.max(
    ...callsAtMs.map((toMs) => callsAtMs.filter((atMs) => atMs > toMs - WINDOW_MS && atMs <= toMs).length),
  );
}

function reachable(shared: Limiter, up: () => boolean): Limiter {
  const through =
    <Request, Answer>(call: (request: Request) => Promise<Answer>) =>
    async (request: Request) => {
      if (!up()) throw new Error('no route');
      return await call(request);
    };
  return {
    admit: through(shared.admit),
    settle: through(shared.settle),
    renew: through(shared.renew),
  };
}

/** Asks about the first messages of a backlog, and takes out what is granted. */
async function send(
  limiter: Limiter,
  backlog: string[],
  clock: FakeClock,
  callsAtMs: number[],
): Promise<void> {
  const request = {
    key: 'account-1',
    limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
    marginMs: 0,
    leaseMs: LEASE_MS,
    candidates: backlog.slice(0, LIMIT).map((id) => ({ id, priority: 'medium' as const })),
  };
  const admissions = await limiter.admit(request).catch(() => []);
  for (const admission of admissions) {
    if (admission.kind !== 'granted') continue;
    callsAtMs.push(clock.nowMs());
    backlog.splice(backlog.indexOf(admission.claim.id), 1);
    const settlements = [{ ...admission.claim, outcome: 'delivered' as const }];
    await limiter.settle({ ...request, settlements }).catch(() => {});
  }
}

describe('whatever the outages, no window holds more than', { timeout: 600_000 }, () => {
  it('the limit, with one worker', async () => {
    await fc.assert(
      fc.asyncProperty(outages, async (planned) => {
        expect(await worstWindow(1, 0.5, planned)).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: RUNS },
    );
  });

  it('the limit and the shares of all workers', async () => {
    const seen: number[] = [];
    await fc.assert(
      fc.asyncProperty(outages, async (planned) => {
        const worst = await worstWindow(4, 1 / 4, planned);
        seen.push(worst);
        expect(worst).toBeLessThanOrEqual(2 * LIMIT);
      }),
      { numRuns: RUNS },
    );
    // The bound is not there for nothing.
    expect(Math.max(...seen)).toBeGreaterThan(LIMIT);
  });
});
