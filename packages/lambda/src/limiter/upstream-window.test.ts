import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { priorities } from '@huntaze/rate-limiter-client/contract';
import { worstWindow } from '@huntaze/testkit';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { slidingWindow, tokenBucket, type Limit, type SlidingWindow } from './limits/limit.ts';
import type { Claim, Settlement } from './limiter.ts';
import { memoryLimiter } from './memory/memory-limiter.ts';

const RUNS = process.env['DEEP'] ? 20_000 : 300;
const LEASE_MS = 1_000;
const KEY = 'account-1';

/** A delivery, as drawn: how long it takes, when within that time its call arrives upstream, how it ends. */
interface DrawnDelivery {
  /** Shares of the lease: beyond 1 the worker is gone before it could settle, and its lease is lost. */
  readonly lasts: number;
  /** From 0, at its admission, to 1, at its end or that of its lease. */
  readonly arrives: number;
  readonly outcome: Settlement['outcome'] | 'lost';
}

/** When messages ask besides at the time they were told, and how many come at once. */
interface DrawnArrival {
  readonly afterMs: number;
  readonly messages: number;
}

interface Traffic {
  readonly limits: readonly Limit[];
  readonly marginMs: number;
  readonly arrivals: readonly DrawnArrival[];
  readonly deliveries: readonly DrawnDelivery[];
  /** How far a waiter misses its due time: negative when it comes early. */
  readonly punctuality: readonly number[];
  /** How far the limiter's clock steps back, at every seventh event. */
  readonly stepBackMs: number;
}

it(
  'no window upstream ever holds more than its limit, however unevenly calls travel and leases are lost',
  { timeout: 600_000 },
  async () => {
    let fullWindows = 0;
    let lostLeases = 0;
    let overlong = 0;
    await fc.assert(
      fc.asyncProperty(traffic, async (drawn) => {
        const arrivedAtMs = await simulate(drawn);
        for (const { limit, windowMs } of windowsOf(drawn)) {
          const worst = worstWindow(arrivedAtMs, windowMs);
          expect(worst, `arrivals in ${windowMs} ms`).toBeLessThanOrEqual(limit);
          if (worst === limit && limit > 1) fullWindows++;
        }
        lostLeases += drawn.deliveries.filter(isLost).length;
        overlong += drawn.deliveries.filter(({ lasts }) => lasts * LEASE_MS > drawn.marginMs).length;
      }),
      { numRuns: RUNS },
    );
    // Otherwise the traffic was too thin to find anything.
    expect(fullWindows).toBeGreaterThan(RUNS / 4);
    expect(lostLeases).toBeGreaterThan(RUNS / 4);
    expect(overlong).toBeGreaterThan(RUNS);
  },
);

it('the window runs from the end of a delivery that outlasts the margin', async () => {
  const late = { lasts: 0.5, arrives: 1, outcome: 'delivered' } as const;
  const prompt = { lasts: 0, arrives: 0, outcome: 'delivered' } as const;
  const drawn: Traffic = {
    limits: [slidingWindow({ limit: 2, windowMs: 600 })],
    marginMs: 10,
    arrivals: [{ afterMs: 0, messages: 8 }],
    deliveries: [late, late, prompt, prompt],
    punctuality: [0],
    stepBackMs: 0,
  };

  const arrivedAtMs = await simulate(drawn);

  expect(arrivedAtMs.slice(0, 3)).toEqual([500, 500, 1_100]);
});

/** Plays traffic against the limiter, by an event list in virtual time. Gives when calls arrived upstream, by the true clock. */
async function simulate(drawn: Traffic): Promise<readonly number[]> {
  const { limits, marginMs } = drawn;
  let nowMs = 0;
  let offsetMs = Date.UTC(2026, 0, 1);
  const clock: Clock = { nowMs: () => offsetMs + nowMs, monotonicMs: () => nowMs, sleep: async () => {} };
  const limiter = memoryLimiter({ clock });
  const events = eventList();
  const delivery = cycle(drawn.deliveries);
  const lateness = cycle(drawn.punctuality);
  const arrivedAtMs: number[] = [];
  let asked = 0;

  const ask = async (ids: readonly number[]) => {
    const candidates = ids.map((id) => ({ id: `m-${id}`, priority: priorities[id % 3]! }));
    const admissions = await limiter.admit({ key: KEY, limits, marginMs, candidates, leaseMs: LEASE_MS });
    for (const [index, admission] of admissions.entries()) {
      const id = ids[index]!;
      if (admission.kind === 'granted') deliver(id, admission.claim);
      if (admission.kind === 'wait') askAgain(id, admission.dueAtMs - clock.nowMs() + lateness());
      if (admission.kind === 'busy') askAgain(id, admission.retryAtMs - clock.nowMs());
    }
  };
  const askAgain = (id: number, inMs: number) => {
    if (asked++ < MAX_QUESTIONS) events.add(nowMs + Math.max(1, inMs), () => ask([id]));
  };
  const deliver = (id: number, claim: Claim) => {
    const { lasts, arrives, outcome } = delivery();
    const lastsMs = Math.min(LEASE_MS, Math.round(lasts * LEASE_MS));
    arrivedAtMs.push(nowMs + Math.round(arrives * lastsMs));
    if (isLost({ lasts, outcome })) askAgain(id, LEASE_MS);
    else events.add(nowMs + lastsMs, () => settle(claim, outcome as Settlement['outcome'], id));
  };
  const settle = async ({ token }: Claim, outcome: Settlement['outcome'], id: number) => {
    const settlement = { id: `m-${id}`, token, outcome, retryAfterMs: 20, holdMs: 30 } as Settlement;
    await limiter.settle({ key: KEY, limits, marginMs, settlements: [settlement] });
    if (outcome === 'retry' || outcome === 'release') askAgain(id, 20);
  };

  let id = 0;
  let arriveMs = 0;
  for (const { afterMs, messages } of drawn.arrivals) {
    arriveMs += afterMs;
    const ids = Array.from({ length: messages }, () => id++);
    events.add(arriveMs, () => ask(ids));
  }
  for (let event = events.next(), count = 0; event; event = events.next(), count++) {
    nowMs = event.atMs;
    if (count % 7 === 6) offsetMs -= drawn.stepBackMs;
    await event.run();
  }
  return arrivedAtMs;
}

/** Bounds a simulation whose messages are tried again for ever. */
const MAX_QUESTIONS = 150;

function isLost({ lasts, outcome }: Pick<DrawnDelivery, 'lasts' | 'outcome'>): boolean {
  return outcome === 'lost' || lasts > 1;
}

function windowsOf({ limits }: Traffic): readonly SlidingWindow[] {
  return limits.filter((limit) => limit.kind === 'sliding-window');
}

/** What happens when, in order; at one instant, in the order in which it was added. */
function eventList() {
  const events: { readonly atMs: number; readonly run: () => Promise<void> }[] = [];
  return {
    add(atMs: number, run: () => Promise<void>) {
      const after = events.findIndex((event) => event.atMs > atMs);
      events.splice(after === -1 ? events.length : after, 0, { atMs, run });
    },
    next: () => events.shift(),
  };
}

function cycle<Item>(items: readonly Item[]): () => Item {
  let at = 0;
  return () => items[at++ % items.length]!;
}

const window = fc
  .record({ limit: fc.integer({ min: 1, max: 8 }), windowMs: fc.integer({ min: 1, max: 3_000 }) })
  .map(slidingWindow);
const bucket = fc
  .record({
    capacity: fc.integer({ min: 1, max: 10 }),
    refillPerMinute: fc.integer({ min: 60, max: 60_000 }),
  })
  .map(tokenBucket);
const share = fc.oneof(
  fc.constantFrom(0, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 0.05, noNaN: true }),
);

const delivery: fc.Arbitrary<DrawnDelivery> = fc.record({
  lasts: fc.oneof({ weight: 5, arbitrary: share }, { weight: 1, arbitrary: fc.constant(1.5) }),
  arrives: share,
  outcome: fc.oneof(
    { weight: 6, arbitrary: fc.constant('delivered' as const) },
    { weight: 2, arbitrary: fc.constantFrom('dead' as const, 'retry' as const, 'release' as const) },
    { weight: 1, arbitrary: fc.constant('lost' as const) },
  ),
});

const traffic: fc.Arbitrary<Traffic> = fc.record({
  limits: fc
    .tuple(window, fc.array(fc.oneof(window, bucket), { maxLength: 2 }))
    .map(([first, others]) => [first, ...others]),
  marginMs: fc.oneof(fc.constant(0), fc.nat(40), fc.nat(2_000)),
  arrivals: fc.array(
    fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(4_000)),
      messages: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  deliveries: fc.array(delivery, { minLength: 1, maxLength: 20 }),
  punctuality: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -500, max: 2_000 })), {
    minLength: 1,
    maxLength: 5,
  }),
  stepBackMs: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(10_000) }),
});
