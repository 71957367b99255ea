import { setTimeout as pause } from 'node:timers/promises';
import { redisLimiter, slidingWindow, type Admission, type Limiter } from '@huntaze/rate-limiter-lambda';

import { BATCH, LIMIT, WINDOW_MS, type Contender } from './contender.ts';

/** The margin that the handler takes for windows of ten seconds and more. */
const MARGIN_MS = 400;

const question = {
  limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
  leaseMs: 60_000,
  marginMs: MARGIN_MS,
};

/** `redisLimiter` as the handler asks it, ten candidates a call. They are settled outside the time that counts. */
export const admitting: Contender = {
  name: 'ours: admit',
  messagesPerCall: BATCH,
  async open(redis, prefix) {
    const limiter = await warmLimiter(redisLimiter({ redis, prefix }));
    let claimed: { readonly key: string; readonly admissions: readonly Admission[] }[] = [];
    return {
      async call(key, call) {
        const admissions = await limiter.admit({ ...question, key, candidates: candidatesOf(call) });
        claimed.push({ key, admissions });
        claimsOf(admissions);
      },
      async tidy() {
        const settled = claimed;
        claimed = [];
        await Promise.all(settled.map(({ key, admissions }) => settle(limiter, key, admissions)));
      },
    };
  },
};

/** The same with every message recorded as delivered inside the time that counts: both round trips of a delivery. */
export const admittingAndSettling: Contender = {
  name: 'ours: admit, settle',
  messagesPerCall: BATCH,
  async open(redis, prefix) {
    const limiter = await warmLimiter(redisLimiter({ redis, prefix }));
    return {
      async call(key, call) {
        await settle(limiter, key, await limiter.admit({ ...question, key, candidates: candidatesOf(call) }));
      },
      async tidy() {},
    };
  },
};

/** The messages of a call: 0 to 9, then the next ten. */
export function candidatesOf(call: number) {
  return Array.from({ length: BATCH }, (_, index) => ({
    id: `message-${call * BATCH + index}`,
    priority: 'medium' as const,
  }));
}

/** Admits a batch under the limits of the benchmark. */
export const admitBatch = (limiter: Limiter, key: string, call: number) =>
  limiter.admit({ ...question, key, candidates: candidatesOf(call) });

/** @throws {Error} unless every message was granted. */
export function claimsOf(admissions: readonly Admission[]) {
  return admissions.map((admission) => {
    if (admission.kind === 'granted') return admission.claim;
    throw new Error(`expected every message granted, found ${admission.kind}: widen the limits`);
  });
}

/** A limiter grants nothing for one window on a server that it does not know yet. */
export async function warmLimiter(limiter: Limiter): Promise<Limiter> {
  await admitBatch(limiter, 'warm-up', 0);
  await pause(WINDOW_MS + MARGIN_MS + 50);
  return limiter;
}

async function settle(limiter: Limiter, key: string, admissions: readonly Admission[]): Promise<void> {
  const settlements = claimsOf(admissions).map(({ id, token }) => ({
    id,
    token,
    outcome: 'delivered' as const,
  }));
  await limiter.settle({ ...question, key, settlements });
}
