import { redisLimiter, type HandlerEvent } from '@huntaze/rate-limiter-lambda';
import { startRedisCluster, until } from '@huntaze/testkit';
import { Cluster } from 'ioredis';
import { expect, it } from 'vitest';
import { keep } from './kept-verdicts.ts';
import { openScene } from './scene.ts';
import { broken } from './verdicts.ts';
import { startWorker } from './worker.ts';

const MESSAGES = 70;

it('a backlog is delivered within its limit and without an error although its slot moves through a cluster and back', async () => {
  await using stack = new AsyncDisposableStack();
  const cluster = await startRedisCluster();
  stack.defer(() => cluster.stop());
  const redis = new Cluster(
    cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    { clusterRetryStrategy: () => 30, redisOptions: { maxRetriesPerRequest: 1 } },
  );
  stack.defer(() => redis.disconnect());
  const scene = await openScene({ messages: MESSAGES, visibilitySeconds: 30 });
  stack.defer(() => scene.stop());
  const events: HandlerEvent[] = [];
  const late = new Map<string, number>();
  const mapping = await startWorker({
    sqs: scene.sqs.client,
    queue: scene.queue,
    upstreamUrl: scene.upstream.url,
    limiter: redisLimiter({ redis }),
    delivery: scene.delivery,
    leaseMs: 30_000,
    functionTimeoutMs: 30_000,
    onLate: (id, fromMs) => late.set(id, fromMs),
    onEvent: (event) => events.push(event),
  });
  stack.defer(() => mapping.stop());

  const { calls } = scene.upstream.ledger;
  const steps = [1, 2];
  for (const step of steps) {
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
    where: 'Redis cluster',
    name: 'slot moved under load',
    injected: steps.length,
    seen: { count: await redirections(redis), what: 'redirections' },
    late,
  });
  keep(verdict);
  expect(broken(verdict)).toEqual([]);
  expect(unexpected(events)).toEqual([]);
  expect(attemptsOf(events)).toEqual(Array<number>(MESSAGES).fill(1));
});

/** What would tell of an error that reached a message. */
const unexpected = (events: readonly HandlerEvent[]) =>
  events.filter(({ kind }) => !['admitted', 'held', 'parked', 'delivered'].includes(kind));

const attemptsOf = (events: readonly HandlerEvent[]) =>
  events.flatMap((event) => (event.kind === 'admitted' ? [event.attempt] : []));

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
