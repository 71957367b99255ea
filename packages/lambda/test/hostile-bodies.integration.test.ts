import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { startEventSourceMapping, startSqs, until, type QueuedMessage } from '@huntaze/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../src/handler.ts';
import { memoryLimiter } from '../src/limiter/memory/memory-limiter.ts';
import { slidingWindow } from '../src/limiter/limits/limit.ts';
import { envelope, hostileBodies, oddBodies, touchySchema } from '../src/testing/hostile-bodies.ts';

const sendable = <Body extends { readonly sendable?: boolean }>(bodies: readonly Body[]) =>
  bodies.filter((body) => body.sendable !== false);
const hostile = sendable(hostileBodies);
const odd = sendable(oddBodies);
const healthyIds = hostile.map((_, index) => `healthy-${index}`);

const sqs = await startSqs();
const delivered = new Map<string, string[]>();
const invocations: string[] = [];
let deadLetters: readonly QueuedMessage[] = [];

afterAll(() => sqs.stop());

beforeAll(async () => {
  const queue = await sqs.createQueue({ name: 'hostile', visibilitySeconds: 30, maxReceiveCount: 2 });
  const handler = createHandler({
    limits: [slidingWindow({ limit: 10_000, windowMs: 1_000 })],
    limiter: memoryLimiter(),
    sqs: sqs.client,
    queueUrl: queue.queueUrl,
    deadLetterQueueUrl: queue.deadLetterQueueUrl,
    payload: touchySchema,
    deliver: async ({ id, payload }) => {
      delivered.set(id, [...(delivered.get(id) ?? []), JSON.stringify(payload)]);
    },
  });
  // Every hostile body has a healthy neighbour; odd ones carry their place in the table as their id.
  await send(queue.queueUrl, [
    ...hostile.flatMap(({ body }, index) => [body, envelope({ id: healthyIds[index] })]),
    ...odd.map(({ body }, index) => body.replace('"id":"hostile"', `"id":"odd-${index}"`)),
  ]);

  const mapping = await startEventSourceMapping({
    sqs: sqs.client,
    queueUrl: queue.queueUrl,
    queueArn: queue.arn,
    handler,
    functionTimeoutMs: 20_000,
    onInvocation: ({ verdict }) => void invocations.push(verdict.kind),
  });
  await until('an empty queue', async () => (await sqs.readAll(queue.queueUrl)).length === 0);
  await mapping.stop();
  deadLetters = await sqs.readAll(queue.deadLetterQueueUrl);
});

describe('hostile bodies in a real queue', () => {
  it.each(hostile)('$name: dead letter with its reason', ({ body, reason }) => {
    expect(deadLetters.filter((letter) => letter.body === body)).toMatchObject([
      { attributes: { reason, attempts: '0', firstReceivedAtMs: expect.stringMatching(/^\d{13}$/) } },
    ]);
  });

  it('come with no other dead letter', () => {
    expect(deadLetters).toHaveLength(hostile.length);
  });

  it('keep no healthy neighbour from being delivered, once', () => {
    expect(healthyIds.filter((id) => delivered.get(id)?.length !== 1)).toEqual([]);
  });

  it('never fail a whole batch', () => {
    expect(new Set(invocations)).toEqual(new Set(['processed']));
  });
});

describe('odd bodies in a real queue', () => {
  it.each(odd.map(({ name, payload }, index) => ({ name, payload, id: `odd-${index}` })))(
    '$name: carried unharmed',
    ({ id, payload }) => {
      expect(delivered.get(id)).toEqual([JSON.stringify(JSON.parse(payload))]);
    },
  );
});

/** Sends bodies one by one where they are large, ten at a time otherwise, as SQS wants it. */
async function send(queueUrl: string, bodies: readonly string[]): Promise<void> {
  const [large, small] = [bodies.filter(isLarge), bodies.filter((body) => !isLarge(body))];
  const batches = [...large.map((body) => [body]), ...chunks(small, 4)];
  for (const batch of batches) {
    const Entries = batch.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    const { Failed = [] } = await sqs.client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }),
    );
    if (Failed.length > 0) throw new Error(`expected SQS to take every body, found ${Failed[0]?.Message}`);
  }
}

function isLarge(body: string): boolean {
  return body.length > 500_000;
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
