import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { startRedis } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { claim, LIMIT, WINDOW_MS } from './spending.fixture.ts';
import { redisLimiter } from './redis-limiter.ts';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

it('a user who may not run INFO gets the limits of a server that is new, and then all of them', async () => {
  const server = await startRedis({});
  closings.push(() => server.stop());
  const admin = new Redis(server.url);
  closings.push(() => admin.disconnect());
  await admin.call('ACL', 'SETUSER', 'careful', 'on', '>secret', '~*', '&*', '+@all', '-@dangerous');
  const url = new URL(server.url);
  const redis = new Redis({
    host: url.hostname,
    port: Number(url.port),
    username: 'careful',
    password: 'secret',
    enableReadyCheck: false,
  });
  closings.push(() => redis.disconnect());
  const serverClock = fakeClock();
  const limiter = redisLimiter({ redis, serverClock, clock: serverClock });

  expect(await claim(limiter, 'account-0')).toHaveLength(0);
  await serverClock.advance(WINDOW_MS);
  expect(await claim(limiter, 'account-1')).toHaveLength(LIMIT);
  expect(await claim(limiter, 'account-1')).toHaveLength(0);
});
