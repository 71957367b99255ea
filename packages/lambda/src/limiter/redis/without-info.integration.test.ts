import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { until, type RedisServer } from '@huntaze/testkit';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { careful, connect, openServer as open, refusals } from './restricted.fixture.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { IoredisClient as RedisClient } from './clients/ioredis.ts';
import { LIMIT, spendOf, WINDOW_MS } from './spending.fixture.ts';

/** A client whose scripts find something else on the server: each is sent in full, so that it can be rewritten. */
function rewriting(redis: Redis, rewrites: Readonly<Record<string, string>>): RedisClient {
  return {
    evalsha: () => Promise.reject(new Error('NOSCRIPT')),
    eval: (script, ...rest) => redis.eval(rewritten(script, rewrites), ...rest),
  };
}

function rewritten(script: string, rewrites: Readonly<Record<string, string>>): string {
  const notFound = Object.keys(rewrites).filter((part) => !script.includes(part));
  if (notFound.length > 0 && script.includes('notice_loss'))
    throw new Error(`expected ${notFound.join(', ')} in the script, found no such part`);
  return Object.entries(rewrites).reduce((text, [part, by]) => text.replace(part, by), script);
}

const NO_FIELDS = { "redis.pcall('INFO', section)": String.raw`'# Server\r\nredis_version:7.2\r\n'` };

/** What a limiter is given to ask such a server. */
const ways: Record<string, (server: RedisServer) => RedisClient | Promise<RedisClient>> = {
  'with INFO': (server) => connect(server),
  'with a user who may not run INFO': (server) => careful(server, '-@dangerous'),
  'with an INFO that says nothing of replication': (server) => rewriting(connect(server), NO_FIELDS),
  // The owner of a question is another one each time.
  'with neither INFO nor a Lua that stays': (server) =>
    rewriting(connect(server), { ...NO_FIELDS, 'tostring(redis)': 'ARGV[2]' }),
};

/** The last of these, of a limiter that is not told what was answered: a mutant. */
const deaf = (server: RedisServer) =>
  rewriting(connect(server), {
    ...NO_FIELDS,
    'tostring(redis)': 'ARGV[2]',
    'tonumber(evicted) < heard': 'false',
  });

/** One process, that may be led to another server. */
async function start(server: RedisServer, way: string, serverClock = fakeClock()) {
  const clientOf = ways[way] ?? deaf;
  let redis = await clientOf(server);
  const client: RedisClient = {
    evalsha: (...command) => redis.evalsha(...command),
    eval: (...command) => redis.eval(...command),
  };
  const limiter = redisLimiter({ redis: client, serverClock });
  return {
    spend: (account = 'account-1') => spendOf(limiter, account),
    serverClock,
    async moveTo(other: RedisServer) {
      redis = await clientOf(other);
    },
  };
}

type Process = Awaited<ReturnType<typeof start>>;

/** A process for which a window has passed since Redis was known to be what it is. */
async function warm(server: RedisServer, way: string): Promise<Process> {
  const asking = await start(server, way);
  // Whether a second question finds the server where the first did is what names it.
  await asking.spend('account-2');
  await asking.spend('account-2');
  await asking.serverClock.advance(WINDOW_MS);
  return asking;
}

/** What is lost, between a limit that was granted and whoever asks next. Gives where to ask. */
const losses = {
  async 'is killed and starts again empty'(way: string) {
    const { server } = await open();
    const asking = await warm(server, way);
    const before = await asking.spend();
    await server.stop();
    return { before, asking, next: (await open()).server };
  },
  async 'is flushed'(way: string) {
    const { server, admin } = await open();
    const asking = await warm(server, way);
    const before = await asking.spend();
    await admin.flushall();
    return { before, asking, next: server };
  },
  async 'fails over to a replica that missed what was granted'(way: string) {
    const [primary, replica] = [await open(), await open()];
    await replica.admin.replicaof('127.0.0.1', primary.server.port);
    await until('a replica in step', async () =>
      (await replica.admin.info('replication')).includes('master_link_status:up'),
    );
    const asking = await warm(primary.server, way);
    const written = await primary.admin.get('huntaze:{0}:generation');
    await until(
      'what was written on the replica',
      async () => (await replica.admin.get('huntaze:{0}:generation')) === written,
    );
    await replica.admin.replicaof('127.0.0.1', 1);
    const before = await asking.spend();
    await replica.admin.replicaof('NO', 'ONE');
    return { before, asking, next: replica.server };
  },
};

type Loss = keyof typeof losses;

/** What is granted before the loss, and after it in the same window to whoever asks first. */
async function granted(loss: Loss, way: string, who: 'who asked before' | 'a new process') {
  const { before, asking, next } = await losses[loss](way);
  if (who === 'a new process') return [before, await (await start(next, way, asking.serverClock)).spend()];
  await asking.moveTo(next);
  return [before, await asking.spend()];
}

describe.each(Object.keys(losses) as Loss[])('a Redis that %s', (loss) => {
  it.each(Object.keys(ways))('grants nothing more to a process that asked before, %s', async (way) => {
    expect(await granted(loss, way, 'who asked before')).toEqual([LIMIT, 0]);
  });

  it.each(Object.keys(ways).slice(0, 3))('grants nothing more to a new process, %s', async (way) => {
    expect(await granted(loss, way, 'a new process')).toEqual([LIMIT, 0]);
  });
});

describe('a Redis with neither INFO nor a Lua that stays', () => {
  const [way] = Object.keys(ways).slice(-1) as [string];

  it.each([
    ['is killed and starts again empty', 0],
    ['is flushed', 0],
    ['fails over to a replica that missed what was granted', LIMIT],
  ] as const)('and that %s grants a new process %d more', async (loss, more) => {
    expect(await granted(loss, way, 'a new process')).toEqual([LIMIT, more]);
  });

  it('grants 100 more to a process that asked before and does not tell what it was answered', async () => {
    expect(
      await granted('fails over to a replica that missed what was granted', 'deaf', 'who asked before'),
    ).toEqual([LIMIT, LIMIT]);
  });

  it('grants nothing for one window from the second question on, then everything', async () => {
    const { server } = await open();
    const asking = await start(server, way);
    expect(await asking.spend('account-2')).toBe(0);
    await asking.serverClock.advance(WINDOW_MS);
    expect(await asking.spend('account-3')).toBe(0);
    await asking.serverClock.advance(WINDOW_MS);
    expect(await asking.spend()).toBe(LIMIT);
    expect(await asking.spend('account-4')).toBe(LIMIT);
  });
});

it('a user who may not run INFO gets the limits of a new server after one window', async () => {
  const { server } = await open();
  const asking = await start(server, 'with a user who may not run INFO');
  expect(await asking.spend('account-2')).toBe(0);
  await asking.serverClock.advance(WINDOW_MS);
  expect(await asking.spend()).toBe(LIMIT);
  expect(await asking.spend()).toBe(0);
});

it('INFO is not asked for again where it was refused, not by another process either', async () => {
  const { server, admin } = await open();
  const asking = await start(server, 'with a user who may not run INFO');
  for (let account = 0; account < 10; account++) await asking.spend(`account-${account}`);
  const other = await start(server, 'with a user who may not run INFO', asking.serverClock);
  await other.spend();

  expect(await refusals(admin, 'info')).toBe(1);
});

it('users with and without INFO share a server', async () => {
  const { server } = await open();
  const first = await warm(server, 'with INFO');
  const second = await start(server, 'with a user who may not run INFO', first.serverClock);
  // What one of them cannot read may have changed: that is noticed once.
  expect(await second.spend('account-3')).toBe(0);
  await first.serverClock.advance(WINDOW_MS);
  expect(await first.spend('account-4')).toBe(LIMIT);
  expect(await second.spend('account-5')).toBe(LIMIT);
  expect(await first.spend('account-6')).toBe(LIMIT);
});
