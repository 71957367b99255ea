import { startRedis, startRedisCluster, until } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import { perMinute } from '../../limits/limit.ts';
import type { Limiter } from '../../limiter.ts';
import { redisLimiter } from '../redis-limiter.ts';
import { clusters, singles, type Open } from './clients.fixture.ts';

const closings: (() => unknown)[] = [];
afterAll(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

/** `DEBUG RESTART` starts a server again in its place, empty. */
const configuration = { 'enable-debug-command': 'yes' };
const server = await startRedis({ configuration });
closings.push(() => server.stop());
const cluster = await startRedisCluster({ configuration });
closings.push(() => cluster.stop());

/** As a handler names it. */
const QUEUE = 'eu-west-1/123456789012/messages';
const question = { key: 'account-1', queue: QUEUE, limits: perMinute(1_000), marginMs: 0 };
let messages = 0;

async function claim(limiter: Limiter) {
  const candidates = [{ id: `m-${messages++}`, priority: 'medium' as const }];
  const [admission] = await limiter.admit({ ...question, leaseMs: 60_000, candidates });
  if (admission?.kind !== 'granted') throw new Error(`expected a claim, found ${admission?.kind}`);
  return admission.claim;
}

/** What every cell of the table does; each throws when it fails. */
const steps: Readonly<
  Record<string, (limiter: ReturnType<typeof redisLimiter>, admins: readonly Redis[]) => Promise<unknown>>
> = {
  admit: async (limiter) => expect((await claim(limiter)).attempt).toBe(1),
  settle: async (limiter) => {
    const settlements = [{ ...(await claim(limiter)), outcome: 'delivered' as const }];
    expect(await limiter.settle({ ...question, settlements })).toEqual([true]);
    expect(await limiter.settle({ ...question, settlements })).toEqual([false]);
    expect(await limiter.find(question.key, settlements[0]!.id, { queueUrl: QUEUE })).toMatchObject({
      state: 'delivered',
    });
  },
  renew: async (limiter) => {
    const claims = [await claim(limiter), { id: 'm-other', token: 1 }];
    expect(await limiter.renew({ ...question, claims, leaseMs: 60_000 })).toEqual([true, false]);
  },
  inspect: async (limiter) => {
    const before = await limiter.inspect(question.key, { queueUrl: QUEUE });
    await claim(limiter);
    const after = await limiter.inspect(question.key, { queueUrl: QUEUE });
    expect(after.delivering).toBe(before.delivering + 1);
    expect(after.slotsFree).toBe(before.slotsFree! - 1);
  },
  'SCRIPT FLUSH': async (limiter, admins) => {
    await Promise.all(admins.map((admin) => admin.script('FLUSH')));
    await claim(limiter);
  },
  restart: async (limiter, admins) => {
    await Promise.all(admins.map(restarted));
    // Whoever is reconnecting may fail meanwhile, but goes on by itself.
    await until('a claim', () => claim(limiter).catch(() => false), { everyMs: 100 });
  },
  check: async (limiter) => expect((await limiter.check()).problems).toEqual([]),
};

/** Resolves when the server is another one, in a cluster again where it was in one. */
async function restarted(admin: Redis): Promise<void> {
  const before = await runIdOf(admin);
  await startAgain(admin.options.port!);
  await until('another start', async () => (await runIdOf(admin).catch(() => before)) !== before);
  await until('a cluster that serves', async () => {
    const state = await admin.call('CLUSTER', 'INFO').catch(({ message }: Error) => message);
    return /cluster_state:ok|support disabled/.test(String(state));
  });
}

/** By a connection of its own, which does not send it again when the server is back. */
async function startAgain(port: number): Promise<void> {
  const connection = new Redis(port, '127.0.0.1', { retryStrategy: () => null });
  connection.on('error', () => {});
  await connection.call('DEBUG', 'RESTART').catch(() => {});
  connection.disconnect();
}

const runIdOf = async (admin: Redis) => /run_id:(\w+)/.exec(await admin.info('server'))?.[1];

const table: Record<string, string>[] = [];

/** Fills a row of the table. */
async function play(name: string, where: string, open: Open, ports: readonly number[]) {
  const { redis, close } = await open(ports);
  const admins = ports.map((port) => new Redis(port, '127.0.0.1', { retryStrategy: () => 50 }));
  for (const admin of admins) admin.on('error', () => {});
  try {
    const limiter = redisLimiter({
      redis,
      upstream: 'clients',
      prefix: `clients-${table.length}`,
      coldStart: 'full',
    });
    const { server: version = '?' } = await limiter.check();
    const row: Record<string, string> = { client: name, server: `${version}${where}` };
    table.push(row);
    for (const [step, act] of Object.entries(steps)) {
      row[step] = await act(limiter, admins).then(
        () => 'works',
        (error: Error) => error.message,
      );
    }
    return row;
  } finally {
    await close();
    for (const admin of admins) admin.disconnect();
  }
}

const works = Object.fromEntries(Object.keys(steps).map((step) => [step, 'works']));

describe('a limiter works with a single connection of', () => {
  it.each(Object.entries(singles))('%s', async (name, open) => {
    expect(await play(name, '', open, [server.port])).toMatchObject(works);
  });
});

describe('a limiter works with the cluster of', () => {
  const ports = cluster.servers.map(({ port }) => port);

  it.each(Object.entries(clusters))('%s', async (name, open) => {
    expect(await play(name, ', cluster', open, ports)).toMatchObject(works);
  });

  it('different clients at once, which share the budget of each account', async () => {
    const opened = await Promise.all(Object.values(clusters).map((open) => open(ports)));
    const limiters = opened.map(({ redis }) => redisLimiter({ redis, prefix: 'mixed', coldStart: 'full' }));
    for (const key of ['account-1', 'account-2', 'account-3']) {
      const asked = { key, limits: perMinute(3), marginMs: 0, leaseMs: 60_000 };
      const kinds: string[] = [];
      for (const [index, limiter] of limiters.entries()) {
        const candidates = [{ id: `m-${index}`, priority: 'medium' as const }];
        kinds.push((await limiter.admit({ ...asked, candidates }))[0]!.kind);
      }
      expect(kinds).toEqual(limiters.map((_, index) => (index < 3 ? 'granted' : 'wait')));
    }
    for (const { close } of opened) await close();
  });
});

describe('a client of node-redis that nobody listens to', () => {
  it.each(['node-redis 5', 'node-redis 6'])(
    'does not end the process when %s loses its server',
    async (name) => {
      const own = await startRedis();
      const { redis, close } = await singles[name]!([own.port]);
      const limiter = redisLimiter({ redis, coldStart: 'full' });
      await claim(limiter);
      await own.stop();
      const seen = await until('an error that was emitted', async () =>
        /ECONNREFUSED|closed unexpectedly/.test(
          String(await claim(limiter).catch((error: unknown) => error)),
        ),
      );
      expect(seen).toBe(true);
      close();
    },
  );
});

afterAll(() => {
  const columns = Object.keys(table[0] ?? {});
  const lines = table.map((row) => `| ${columns.map((column) => row[column]).join(' | ')} |`);
  process.stdout.write(
    [
      `| ${columns.join(' | ')} |`,
      `|${columns.map(() => ' --- |').join('')}`,
      ...lines,
      'Bun: its methods on a connection of ioredis, since its client exists in Bun only.',
      'Valkey: the same table with npx pnpm@12 test:valkey, where valkey-server is installed.\n',
    ].join('\n'),
  );
});
