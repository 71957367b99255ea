import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createRateLimiterClient } from '@huntaze/rate-limiter-client';
import { sqsFaults, startSqs, startSqsProxy, until } from '@huntaze/testkit';
import { expect, it } from 'vitest';
import { table } from '../bench/report/table.ts';
import { sqliteFallbackStore } from '../sqlite/fallback-store.ts';
import { consume, idOf } from './consume.ts';
import { fates } from './fates.ts';
import { tellingGivenUp } from './given-up.ts';
import { impatience } from './impatience.ts';
import { startSender, type Told } from './sender-process.ts';

const MESSAGES = 10_000;
const PROCESSES = 4;
const SEED = Number(process.env['SEED'] ?? 1);

/** The first process is killed after so many answers. */
const KILL_AFTER = 800;

const refuses = (id: string) => id.endsWith('77');

it(
  'every message that send acknowledged is delivered or a dead letter with its reason, whatever fails on its way',
  { timeout: 600_000 },
  async () => {
    await using stack = new AsyncDisposableStack();
    const server = await startSqs();
    stack.defer(() => server.stop());
    const queue = await server.createQueue({
      name: 'sending',
      visibilitySeconds: 30,
      maxReceiveCount: 1_000,
    });
    const decide = fates(SEED);
    let healed = false;
    const proxy = await startSqsProxy({
      target: server.endpoint,
      fate: (request) => (healed ? undefined : decide(request)),
      slowMs: 600,
    });
    stack.defer(() => proxy.stop());
    const folder = await mkdtemp(join(tmpdir(), 'sending-'));
    stack.defer(() => rm(folder, { recursive: true }));
    const storePath = join(folder, 'messages.db');
    const store = sqliteFallbackStore(storePath);
    stack.defer(() => store.close());
    const sqs = new SQSClient({
      endpoint: proxy.endpoint,
      region: server.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    stack.defer(() => sqs.destroy());

    const givenUp: string[] = [];
    const host = createRateLimiterClient({
      queueUrl: queue.queueUrl,
      sqs: tellingGivenUp(sqs, (bodies) => givenUp.push(...bodies.map(idOf))),
      fallbackStore: store,
      ...impatience,
    });
    stack.defer(() => host.close());
    host.startReplay({ everyMs: 1_000 });
    const share = MESSAGES / PROCESSES;
    const senders = Array.from({ length: PROCESSES }, (_, index) =>
      startSender({
        endpoint: proxy.endpoint,
        region: server.region,
        queueUrl: queue.queueUrl,
        storePath,
        logPath: join(folder, `sender-${index}.log`),
        from: index * share,
        count: share,
      }),
    );
    const [victim] = senders;
    await until('enough answers', () => (victim?.told() ?? []).length >= KILL_AFTER, {
      timeoutMs: 120_000,
      everyMs: 20,
    });
    victim?.kill();
    const ends = await Promise.all(senders.map(({ ended }) => ended));
    healed = true;
    await until('an empty store', async () => (await store.counts()).pending === 0, {
      timeoutMs: 120_000,
      everyMs: 200,
    });
    const { delivered, deadLetters } = await consume(server, queue, refuses);

    const told = senders.flatMap((sender) => sender.told());
    const idsTold = (...outcomes: Told['outcome'][]) =>
      told.flatMap(({ id, outcome }) => (outcomes.includes(outcome) ? [id] : []));
    const acknowledged = idsTold('queued', 'stored');
    const final = new Set([...delivered, ...deadLetters.keys()]);
    const lost = acknowledged.filter((id) => !final.has(id));
    const accepted = countById(proxy.accepted);
    const twice = [...accepted].flatMap(([id, times]) => (times > 1 ? [id] : []));
    const untold = new Set([...[...proxy.untold].map(idOf), ...givenUp, ...idsTold('given up')]);
    const figures = {
      'processes, one of them killed': PROCESSES,
      acknowledged: acknowledged.length,
      'of them stored': idsTold('stored').length,
      'refused to their callers': idsTold('refused').length,
      delivered: delivered.length,
      'dead letters': deadLetters.size,
      lost: lost.length,
      'in SQS more than once': twice.length,
      'of them without a reply lost or late': twice.filter((id) => !untold.has(id)).length,
      'delivered more than once': delivered.length - new Set(delivered).size,
    };
    console.log(
      [
        `seed ${SEED}`,
        table(
          ['fault', 'requests struck'],
          sqsFaults.map((fault) => [fault, String(proxy.struck.get(fault))]),
        ),
        table(
          ['messages', 'count'],
          Object.entries(figures).map(([name, count]) => [name, String(count)]),
        ),
      ].join('\n\n'),
    );

    expect(ends).toEqual(['SIGKILL', null, null, null]);
    expect(acknowledged.length).toBeGreaterThan(MESSAGES / 2);
    expect(figures).toMatchObject({
      lost: 0,
      'of them without a reply lost or late': 0,
      'delivered more than once': 0,
    });
    expect(figures['of them stored']).toBeGreaterThan(0);
    expect(figures['in SQS more than once']).toBeGreaterThan(0);
    expect([...deadLetters.keys()].every(refuses)).toBe(true);
    expect(new Set(deadLetters.values())).toEqual(new Set(['refused by the upstream']));
    for (const fault of sqsFaults) expect(proxy.struck.get(fault)).toBeGreaterThan(0);
  },
);

function countById(bodies: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of bodies.map(idOf)) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
