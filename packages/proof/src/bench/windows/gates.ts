import { redisLimiter, slidingWindow } from '@huntaze/rate-limiter-lambda';
import Bottleneck from 'bottleneck';
import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import { transactionLimiter } from '../throughput/transactions.ts';
import { LIMIT, WINDOW_MS, type Gate, type GateKeeper } from './contender.ts';
import { polled } from './polled.ts';

/** What may pass between a decision and its call: ours is told, and who counts by decisions needs it too. */
const MARGIN_MS = 40;

/** Every limiter that is compared, each told the same: ten per second. All keep their counts in one Redis. */
export function gateKeepers(redis: Redis): readonly GateKeeper[] {
  return [
    { name: 'ours, slidingWindow', open: (prefix) => ours(redis, prefix) },
    { name: 'separate commands in transactions', open: async (prefix) => transactions(redis, prefix) },
    { name: 'rate-limiter-flexible', open: async (prefix) => flexible(redis, prefix, false) },
    { name: 'rate-limiter-flexible, execEvenly', open: async (prefix) => flexible(redis, prefix, true) },
    { name: 'BullMQ, limiter', open: (prefix) => bullmq(redis, prefix) },
    {
      name: 'Bottleneck, reservoir refresh',
      open: (prefix) =>
        bottleneck(redis, prefix, {
          reservoir: LIMIT,
          reservoirRefreshAmount: LIMIT,
          reservoirRefreshInterval: WINDOW_MS,
          // In Redis it looks at the interval every 5 s unless told to look more often.
          heartbeatInterval: WINDOW_MS / 4,
        }),
    },
    {
      name: 'Bottleneck, minTime',
      open: (prefix) => bottleneck(redis, prefix, { minTime: WINDOW_MS / LIMIT }),
    },
  ];
}

async function ours(redis: Redis, prefix: string): Promise<Gate> {
  // Told to start full, so that it has as much to give as the others.
  const limiter = redisLimiter({ redis, prefix, coldStart: 'full' });
  const limits = [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })];
  const question = { key: 'account', limits, leaseMs: 10_000, marginMs: MARGIN_MS };
  return polled(async (ids) => {
    const candidates = ids.map((id) => ({ id, priority: 'medium' as const }));
    const admissions = await limiter.admit({ ...question, candidates });
    const claims = admissions.flatMap((admission) => (admission.kind === 'granted' ? [admission.claim] : []));
    if (claims.length > 0) {
      const settlements = claims.map(({ id, token }) => ({ id, token, outcome: 'delivered' as const }));
      await limiter.settle({ ...question, settlements });
    }
    return claims.map(({ id }) => id);
  });
}

/** On a connection of its own, because of what it watches. Starts with the window that it waits on a new server. */
function transactions(redis: Redis, prefix: string): Gate {
  const own = redis.duplicate();
  const limiter = transactionLimiter(own, prefix, { limit: LIMIT, windowMs: WINDOW_MS + MARGIN_MS });
  const gate = polled((ids) => limiter.admit('account', ids));
  return {
    ...gate,
    async stop() {
      await gate.stop();
      own.disconnect();
    },
  };
}

function flexible(redis: Redis, keyPrefix: string, execEvenly: boolean): Gate {
  const options = { storeClient: redis, keyPrefix, points: LIMIT, duration: WINDOW_MS / 1_000, execEvenly };
  const limiter = new RateLimiterRedis(options);
  return polled(async (ids) => {
    const answers = await Promise.allSettled(ids.map(() => limiter.consume('account')));
    return ids.filter((_, index) => answers[index]?.status === 'fulfilled');
  });
}

async function bullmq(redis: Redis, prefix: string): Promise<Gate> {
  const connection = redis.duplicate({ maxRetriesPerRequest: null });
  const calls = new Map<string, () => void>();
  const name = prefix.replaceAll(':', '-');
  const queue = new Queue(name, { connection });
  const worker = new Worker(name, async (job) => calls.get(job.name)?.(), {
    connection,
    concurrency: 100,
    limiter: { max: LIMIT, duration: WINDOW_MS },
  });
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  return {
    submit(id, call) {
      calls.set(id, call);
      void queue.add(id, null);
    },
    async stop() {
      await worker.close(true);
      await queue.obliterate({ force: true });
      await queue.close();
      connection.disconnect();
    },
  };
}

async function bottleneck(
  redis: Redis,
  id: string,
  options: Bottleneck.ConstructorOptions & { readonly heartbeatInterval?: number },
): Promise<Gate> {
  const client = redis.duplicate();
  const connection = new Bottleneck.IORedisConnection({ client });
  const limiter = new Bottleneck({ id, connection, ...options });
  await limiter.ready();
  return {
    submit: (_, call) => void limiter.schedule(async () => call()).catch(() => {}),
    async stop() {
      await limiter.stop({ dropWaitingJobs: true });
      await limiter.disconnect(false);
      await connection.disconnect(false);
    },
  };
}
