import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { prismaFallbackStore } from '@huntaze/rate-limiter-adapters/prisma';
import { createRateLimiterClient, isPayloadError, type SendResult } from '@huntaze/rate-limiter-client';
import { cloudWatchMetrics } from '@huntaze/rate-limiter-client/cloudwatch';
import { emfMetrics } from '@huntaze/rate-limiter-client/emf';
import { optionsFromEnv } from '@huntaze/rate-limiter-client/env';
import { nodeListener, sendRoute, type Route } from '@huntaze/rate-limiter-client/http';
import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';
import {
  createHandler,
  memoryLimiter,
  perMinute,
  redisLimiter,
  type Limiter,
} from '@huntaze/rate-limiter-lambda';
import { createWorker } from '@huntaze/rate-limiter-lambda/worker';
import { Redis } from 'ioredis';

const { queueUrl, region } = optionsFromEnv();
/** Longer than a busy machine takes: nothing here is about what is late. */
const patience = 60_000;
const { DEAD_LETTER_QUEUE_URL = '', REDIS_URL = '', REDIS_PREFIX = '' } = process.env;

/** A host's first hour with the packages: queues two messages and delivers them, by each limiter one. */
async function main() {
  const client = createRateLimiterClient({
    queueUrl,
    region,
    payload: onlyFansMessage,
    timeoutMs: patience,
    fallbackAfterMs: patience,
    fallbackStore: prismaFallbackStore({
      $executeRawUnsafe: async () => 0,
      $queryRawUnsafe: async () => [{ pending: 1, dead: 0 }],
    }),
  });
  const sent: SendResult = await client.send({
    key: 'account-1',
    payload: { recipientId: 'r-1', content: 'Hello' },
  });
  const refusal = await client
    .send({ key: 'account-1', payload: { recipientId: '', content: 'Hello' } })
    .catch((error: unknown) => error);
  const inMemory = await deliverNext(memoryLimiter());

  const route = sendRoute({
    client,
    authenticate: async ({ headers }) => headers.get('authorization') && { account: 'account-1' },
    keyOf: ({ account }) => account,
  });
  const statuses = await post(route, [{}, { authorization: 'anna' }]);
  const redis = new Redis(REDIS_URL);
  const limiter = redisLimiter({ redis, prefix: REDIS_PREFIX, coldStart: 'full', timeoutMs: patience });
  const inRedis = await deliverNext(limiter);
  await redis.quit();

  const { fallback } = await client.status();
  await client.close();
  const { node, bun, deno } = process.versions as Record<string, string | undefined>;
  return {
    outcome: sent.outcome,
    refused: isPayloadError(refusal),
    statuses,
    delivered: [inMemory, inRedis],
    fallback,
    measured: await measure(),
    engine: deno ?? bun ?? node,
  };
}

/** Delivers the message that the queue holds, with a worker that ends after it. */
async function deliverNext(limiter: Limiter): Promise<string> {
  return new Promise((delivered) => {
    const handler = createHandler({
      deliver: async ({ payload }, { attempt }) => {
        // Waits for this very delivery, and then lets go of everything.
        void worker.stop().then(() => delivered(`${payload.content}, attempt ${attempt}`));
      },
      payload: onlyFansMessage,
      limits: perMinute(10),
      limiter,
      deadLetterQueueUrl: DEAD_LETTER_QUEUE_URL,
    });
    const worker = createWorker({ queueUrl, handler, concurrency: 1, timeoutMs: patience });
    worker.start();
  });
}

/** The statuses that a plain server answers to requests with these headers. */
async function post(route: Route, requests: readonly Readonly<Record<string, string>>[]) {
  const listener = nodeListener(route);
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const statuses: number[] = [];
  for (const headers of requests) {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ payload: { recipientId: 'r-1', content: 'Posted' } }),
    });
    await response.text();
    statuses.push(response.status);
  }
  await new Promise((closed) => server.close(closed));
  return statuses;
}

/** How many lines and requests two measurements are. */
async function measure(): Promise<number> {
  const measured: string[] = [];
  const embedded = emfMetrics({ queue: 'messages', write: (line) => measured.push(line) });
  const counted = cloudWatchMetrics({
    queue: 'messages',
    cloudWatch: { send: async ({ input }) => measured.push(`${input.MetricData?.length}`) },
  });
  for (const metrics of [embedded, counted]) {
    metrics.record('MessagesQueued', 2);
    await metrics.flush();
  }
  return measured.length;
}

/** What happened; it is printed too. */
export const report = main();
void report.then((happened) => console.log(JSON.stringify(happened)));
