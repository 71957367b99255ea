import { redisLimiter } from '@huntaze/rate-limiter-lambda';
import { startRedisCluster, until } from '@huntaze/testkit';
import { Cluster } from 'ioredis';
import { afterAll, expect, it } from 'vitest';
import { openScene, type Verdict } from './scene.ts';
import { broken, report } from './verdicts.ts';
import { startWorker } from './worker.ts';

const MESSAGES = 70;

const verdicts: Verdict[] = [];
afterAll(() => console.log(report(verdicts)));

it('a backlog is delivered within its limit although its slot moves through a cluster and back', async () => {
  await using stack = new AsyncDisposableStack();
  const cluster = await startRedisCluster();
  stack.defer(() => cluster.stop());
  const redis = new Cluster(
    cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    { clusterRetryStrategy: () => 30, redisOptions: { maxRetriesPerRequest: 1 } },
  );
  stack.defer(() => redis.disconnect());
  const scene = await openScene({ messages: MESSAGES });
  stack.defer(() => scene.stop());
  const mapping = await startWorker({
    sqs: scene.sqs.client,
    queue: scene.queue,
    upstreamUrl: scene.upstream.url,
    limiter: redisLimiter({ redis }),
    leaseMs: 2_000,
    functionTimeoutMs: 5_000,
  });
  stack.defer(() => mapping.stop());

  const { calls } = scene.upstream.ledger;
  for (const step of [1, 2]) {
    await scene.calls(calls.length + 15);
    const slot = await slotInUse(redis);
    const to = ((await cluster.ownerOf(slot)) + step) % cluster.servers.length;
    const before = await redirections(redis);
    // The slot stays in two places until the handler has asked about it several times.
    await cluster.moveSlot(slot, to, () =>
      until('commands for a slot in two places', async () => (await redirections(redis)) >= before + 3),
    );
  }
  await scene.drained();

  const verdict = await scene.judge({
    name: 'redirections while a slot moves',
    injected: await redirections(redis),
  });
  verdicts.push(verdict);
  expect(broken(verdict)).toEqual([]);
});

/** The slot of the account's keys. */
async function slotInUse(redis: Cluster): Promise<number> {
  const keys = (await Promise.all(redis.nodes('master').map((node) => node.keys('huntaze:*')))).flat();
  if (keys[0] === undefined) throw new Error('expected keys of the limiter, found none');
  return await redis.cluster('KEYSLOT', keys[0]);
}

/** How often a server has answered that a key is elsewhere, or in two places. */
async function redirections(redis: Cluster): Promise<number> {
  const reports = await Promise.all(redis.nodes('master').map((node) => node.info('errorstats')));
  const counts = [...reports.join('').matchAll(/errorstat_(?:MOVED|ASK|TRYAGAIN):count=(\d+)/g)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
