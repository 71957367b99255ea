import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { redisForTests } from '@huntaze/testkit';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket } from '../limits/limit.ts';
import type { Admission, AdmitRequest } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { RedisLimiterOptions } from './redis-options.ts';
import type { IoredisClient } from './clients/ioredis.ts';

const { redis, prefix } = await redisForTests();
let limiters = 0;

/** Sends every command twice, as a client does whose connection broke before the reply arrived. */
const resending: IoredisClient = {
  evalsha: async (...command) => {
    await redis.evalsha(...command).catch(() => {});
    return redis.evalsha(...command);
  },
  eval: (...command) => redis.eval(...command),
};

function make(client: IoredisClient, options: Partial<RedisLimiterOptions> = {}) {
  const clock = fakeClock();
  const own = `${prefix}${limiters++}`;
  return {
    clock,
    prefix: own,
    limiter: redisLimiter({
      redis: client,
      prefix: own,
      clock,
      serverClock: clock,
      coldStart: 'full',
      ...options,
    }),
  };
}

const request = (ids: readonly number[], overrides: Partial<AdmitRequest> = {}): AdmitRequest => ({
  key: 'account-1',
  limits: [slidingWindow({ limit: 3, windowMs: 1_000 }), tokenBucket({ capacity: 2, refillPerMinute: 60 })],
  marginMs: 40,
  candidates: ids.map((id) => ({ id: `m-${id}`, priority: (['high', 'medium', 'low'] as const)[id % 3]! })),
  leaseMs: 5_000,
  ...overrides,
});

describe('a command that was sent again', () => {
  it('is answered as before and charges nothing', async () => {
    const { limiter } = make(redis, { ids: { next: () => 'the same owner' } });
    const limits = [slidingWindow({ limit: 3, windowMs: 1_000 })];

    const first = await limiter.admit(request([0, 3], { limits }));
    const again = await limiter.admit(request([0, 3], { limits }));
    const rest = await limiter.admit(request([6, 9], { limits }));

    expect(again).toEqual(first);
    expect(first.map(({ kind }) => kind)).toEqual(['granted', 'granted']);
    expect(rest.map(({ kind }) => kind)).toEqual(['granted', 'wait']);
  });

  it('by another owner finds the message busy', async () => {
    const { limiter } = make(redis);

    await limiter.admit(request([0]));

    expect((await limiter.admit(request([0]))).map(({ kind }) => kind)).toEqual(['busy']);
  });

  it('long after its lease has ended takes the message over, as anybody may', async () => {
    const { limiter, clock } = make(redis, { ids: { next: () => 'the same owner' } });

    await limiter.admit(request([0]));
    await clock.advance(5_000);

    expect(await limiter.admit(request([0]))).toMatchObject([{ kind: 'granted', claim: { attempt: 2 } }]);
  });

  it('changes no later answer, whatever the history', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        expect(await play(make(resending), steps)).toEqual(await play(make(redis), steps));
      }),
      { numRuns: process.env['DEEP'] ? 3_000 : 150, endOnFailure: false },
    );
  });
});

interface Step {
  readonly ids: readonly number[];
  readonly thenMs: number;
  readonly settle: 'delivered' | 'dead' | 'retry' | 'release' | 'nothing';
}

/** Asks, settles what was granted, and lets time pass; gives every admission. */
async function play({ limiter, clock }: ReturnType<typeof make>, steps: readonly Step[]) {
  const answers: (readonly Admission[])[] = [];
  for (const { ids, thenMs, settle: outcome } of steps) {
    const asked = request(ids);
    const admissions = await limiter.admit(asked);
    answers.push(admissions);
    await clock.advance(thenMs / 2);
    const claims = admissions.flatMap((admission) => (admission.kind === 'granted' ? [admission.claim] : []));
    if (outcome !== 'nothing' && claims.length > 0) {
      const settlements = claims.map(({ id, token }) => {
        if (outcome === 'retry') return { id, token, outcome, retryAfterMs: 300 };
        if (outcome === 'release') return { id, token, outcome, holdMs: 300 };
        return { id, token, outcome };
      });
      await limiter.settle({ ...asked, settlements });
    }
    await clock.advance(thenMs / 2);
  }
  return answers;
}

const history: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    ids: fc.uniqueArray(fc.nat(12), { minLength: 1, maxLength: 6 }),
    thenMs: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(6_000)).map((ms) => 2 * ms),
    settle: fc.constantFrom('delivered', 'dead', 'retry', 'release', 'nothing'),
  }),
  { minLength: 1, maxLength: 15 },
);
