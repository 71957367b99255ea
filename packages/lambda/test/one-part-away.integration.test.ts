import { openTestRedis, startRedis } from '@huntaze/testkit';
import { afterEach, expect, it } from 'vitest';
import { createHandler } from '../src/handler.ts';
import type { Limiter } from '../src/limiter/limiter.ts';
import { redisLimiter } from '../src/limiter/redis/redis-limiter.ts';
import { slidingWindow } from '../src/limiter/limits/limit.ts';
import { fakeSqs } from '../src/testing/fake-sqs.ts';
import { DEAD_LETTER_QUEUE_URL, record, sqsEvent } from '../src/testing/records.ts';

const BATCHES = 300;
const LOOPS = 4;
const SERVERS = 3;
const TIMEOUT_MS = 2_000;

const closings: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closings.splice(0)) await close();
});

/** One limiter on several servers, each of which decides about some of the keys. */
async function openServers() {
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => startRedis()));
  const limiters: Limiter[] = [];
  for (const server of servers) {
    closings.push(() => server.stop());
    const { redis } = await openTestRedis(server.url);
    closings.unshift(() => redis.disconnect());
    limiters.push(redisLimiter({ redis, prefix: 'app', coldStart: 'full', timeoutMs: TIMEOUT_MS }));
  }
  const indexOf = (key: string) => Number(key.split('-')[1]) % SERVERS;
  const of = (key: string) => limiters[indexOf(key)]!;
  const limiter: Limiter = {
    admit: (request) => of(request.key).admit(request),
    settle: (request) => of(request.key).settle(request),
    renew: (request) => of(request.key).renew(request),
    partOf: ({ key }) => String(indexOf(key)),
  };
  return { servers, limiter };
}

it('a server that is frozen does not slow down the keys of the others', { timeout: 120_000 }, async () => {
  const { servers, limiter } = await openServers();
  const delivered = new Set<string>();
  const handler = createHandler({
    limits: [slidingWindow({ limit: 10_000, windowMs: 1_000 })],
    limiter,
    sqs: fakeSqs(),
    deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    deliver: async ({ id }) => void delivered.add(id),
  });
  let sent = 0;
  /** One message of each of nine keys, three per server. */
  const batch = () =>
    handler(
      sqsEvent(
        ...Array.from({ length: 9 }, (_, index) =>
          record({ messageId: `m-${sent++}`, message: { key: `account-${index}` } }),
        ),
      ),
    );
  await batch();
  expect(delivered.size).toBe(9);

  const [frozen] = servers;
  process.kill(frozen!.pid, 'SIGSTOP');
  closings.unshift(() => process.kill(frozen!.pid, 'SIGCONT'));
  const startedMs = performance.now();
  let left = BATCHES;
  const loop = async () => {
    while (left-- > 0) await batch();
  };
  await Promise.all(Array.from({ length: LOOPS }, loop));

  expect(delivered.size).toBe(9 + BATCHES * 6);
  // Each batch has messages of the frozen server: waiting for it each time would take 150 s.
  expect(performance.now() - startedMs).toBeLessThan(((BATCHES / LOOPS) * TIMEOUT_MS) / 5);
});
