import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { serializeMessage } from '@huntaze/rate-limiter-client/contract';
import { startSqs, startUpstream, until } from '@huntaze/testkit';
import { afterAll, expect, it } from 'vitest';
import { createHandler } from './handler.ts';
import { memoryLimiter } from './limiter/memory/memory-limiter.ts';
import { slidingWindow } from './limiter/limits/limit.ts';
import { message } from './testing/records.ts';
import { createWorker } from './worker.ts';

const LIMIT = 10;
const WINDOW_MS = 1_000;
const ACCOUNTS = ['account-1', 'account-2'];
const PER_ACCOUNT = 30;
const TOTAL = ACCOUNTS.length * PER_ACCOUNT;

const sqs = await startSqs();
const upstream = await startUpstream({ limit: LIMIT, windowMs: WINDOW_MS, enforce: false });

afterAll(async () => {
  await sqs.stop();
  await upstream.stop();
});

it('a worker stopped half-way loses nothing, a second one finishes, and no window holds more than the limit', async () => {
  const queue = await sqs.createQueue({ name: 'worker', visibilitySeconds: 30 });
  const handler = createHandler({
    limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
    limiter: memoryLimiter(),
    sqs: sqs.client,
    deadLetterQueueUrl: queue.deadLetterQueueUrl,
    deliver: async ({ id, key }, { signal }) => {
      const response = await fetch(upstream.url, {
        method: 'POST',
        body: JSON.stringify({ id, key }),
        signal,
      });
      if (!response.ok) throw new Error(`expected 200, found ${response.status}`);
    },
  });
  const worker = () =>
    createWorker({ queueUrl: queue.queueUrl, handler, sqs: sqs.client, pollWaitMs: 1_000, concurrency: 3 });
  const { calls } = upstream.ledger;
  await fill(queue.queueUrl);

  const first = worker();
  first.start();
  await until('a third of the messages', () => calls.length >= TOTAL / 3);
  const report = await first.stop();
  const atStop = calls.length;
  const left = await sqs.readAll(queue.queueUrl);

  expect(report).toEqual({ leftMessages: 0 });
  expect(atStop).toBeLessThan(TOTAL);
  expect(left).toHaveLength(TOTAL - atStop);
  expect(calls).toHaveLength(atStop);

  const [second, third] = [worker(), worker()];
  second.start();
  third.start();
  await until('an empty queue', async () => (await sqs.readAll(queue.queueUrl)).length === 0);
  expect(await Promise.all([second.stop(), third.stop()])).toEqual([
    { leftMessages: 0 },
    { leftMessages: 0 },
  ]);

  expect(calls).toHaveLength(TOTAL);
  expect(upstream.ledger.duplicates()).toEqual([]);
  expect(upstream.ledger.worstWindow()).toBeLessThanOrEqual(LIMIT);
  expect(await sqs.readAll(queue.deadLetterQueueUrl)).toEqual([]);
});

async function fill(queueUrl: string): Promise<void> {
  const bodies = ACCOUNTS.flatMap((key) =>
    Array.from({ length: PER_ACCOUNT }, (_, index) =>
      serializeMessage(message({ key, id: `${key}-${index}` })),
    ),
  );
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies
      .slice(from, from + 10)
      .map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await sqs.client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  }
}
