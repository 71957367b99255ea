import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { serializeMessage } from '@huntaze/rate-limiter-client/contract';
import { startSqs, startUpstream, until } from '@huntaze/testkit';
import { afterAll, expect, it } from 'vitest';
import { createHandler } from '../src/handler.ts';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { slidingWindow } from '../src/limiter/limits/limit.ts';
import { message } from '../src/testing/records.ts';
import { createWorker } from '../src/worker.ts';

const LIMIT = 3;
const WINDOW_MS = 1_000;
const GROUPS = ['account-1', 'account-2', 'account-3'];
const PER_GROUP = 7;

const sqs = await startSqs();
const upstream = await startUpstream({ limit: LIMIT, windowMs: WINDOW_MS, enforce: false });

afterAll(async () => {
  await sqs.stop();
  await upstream.stop();
});

it('a FIFO queue keeps the order of each group while messages wait and fail', async () => {
  const queue = await sqs.createQueue({ name: 'ordered', visibilitySeconds: 20, fifo: true });
  const handler = createHandler({
    limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
    limiter: memoryLimiter(),
    sqs: sqs.client,
    deadLetterQueueUrl: queue.deadLetterQueueUrl,
    backoff: { initialDelayMs: 500, maxDelayMs: 500 },
    deliver: async ({ id, key }, { attempt, signal }) => {
      if (id.endsWith('-2') && attempt === 1) throw new Error('not yet');
      await fetch(upstream.url, { method: 'POST', body: JSON.stringify({ id, key }), signal });
    },
  });
  for (const key of GROUPS) await fill(queue.queueUrl, key);
  const workers = [1, 2].map(() =>
    createWorker({ queueUrl: queue.queueUrl, handler, sqs: sqs.client, pollWaitMs: 1_000, concurrency: 2 }),
  );

  for (const worker of workers) worker.start();
  await until('an empty queue', async () => (await sqs.readAll(queue.queueUrl)).length === 0);
  await Promise.all(workers.map((worker) => worker.stop()));

  for (const key of GROUPS) {
    const ids = upstream.ledger.calls.filter((call) => call.key === key).map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: PER_GROUP }, (_, index) => `${key}-${index}`));
  }
  expect(upstream.ledger.worstWindow()).toBeLessThanOrEqual(LIMIT);
  expect(await sqs.readAll(queue.deadLetterQueueUrl)).toEqual([]);
});

async function fill(queueUrl: string, key: string): Promise<void> {
  const Entries = Array.from({ length: PER_GROUP }, (_, index) => ({
    Id: String(index),
    MessageBody: serializeMessage(message({ key, id: `${key}-${index}` })),
    MessageGroupId: key,
    MessageDeduplicationId: `${key}-${index}`,
  }));
  await sqs.client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}
