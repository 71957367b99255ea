import { isLimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { redisForTests, until } from '@huntaze/testkit';
import { expect, it } from 'vitest';
import { slidingWindow } from '../limits/limit.ts';
import type { AdmitRequest } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { IoredisClient } from './clients/ioredis.ts';

const { redis, prefix } = await redisForTests();

const request: AdmitRequest = {
  key: 'account-1',
  limits: [slidingWindow({ limit: 10, windowMs: 1_000 })],
  marginMs: 40,
  leaseMs: 60_000,
  candidates: [{ id: 'm-1', priority: 'medium' }],
};

it('an answer that comes too late gives its claim back: it costs no attempt', async () => {
  const clock = fakeClock();
  const gate = Promise.withResolvers<void>();
  const slow: IoredisClient = {
    evalsha: async (...command) => {
      const reply = await redis.evalsha(...command);
      await gate.promise;
      return reply;
    },
    eval: (...command) => redis.eval(...command),
  };
  const options = { prefix, coldStart: 'full' as const };
  const quick = redisLimiter({ redis, ...options });
  await quick.admit({ ...request, candidates: [{ id: 'teaches the script', priority: 'low' }] });

  const asked = redisLimiter({ redis: slow, clock, timeoutMs: 100, ...options })
    .admit(request)
    .catch((error: unknown) => error);
  await until('the claim', async () => (await quick.find('account-1', 'm-1')).state === 'delivering');
  await clock.advance(100);
  expect(isLimiterUnavailableError(await asked)).toBe(true);
  gate.resolve();
  await until(
    'the claim to be given back',
    async () => (await quick.find('account-1', 'm-1')).state === 'retrying',
  );

  expect(await quick.admit(request)).toMatchObject([
    { kind: 'granted', claim: { attempt: 1, takeover: false } },
  ]);
});
