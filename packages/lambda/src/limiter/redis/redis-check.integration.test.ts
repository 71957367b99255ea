import { readFile } from 'node:fs/promises';
import { openTestRedis, startRedis, startRedisCluster } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { perMinute } from '../limits/limit.ts';
import { redisLimiter } from './redis-limiter.ts';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

async function open(configuration: Record<string, string> = {}) {
  const server = await startRedis({ configuration });
  closings.push(() => server.stop());
  const { redis, close } = await openTestRedis(server.url);
  closings.push(close);
  /** A limiter of a user with these rights. */
  const as = async (...rights: string[]) => {
    await redis.call('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', ...rights);
    const own = new Redis(server.port, '127.0.0.1', {
      username: 'app',
      password: 'secret',
      enableReadyCheck: false,
      maxRetriesPerRequest: 1,
    });
    own.on('error', () => {});
    closings.push(() => own.disconnect());
    return redisLimiter({ redis: own, coldStart: 'full', upstream: 'api' });
  };
  return { server, redis, as };
}

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/123456789012/messages';
const question = { key: 'account-1', limits: perMinute(1), marginMs: 0 };
const candidates = [
  { id: 'm-1', priority: 'medium' as const },
  { id: 'm-2', priority: 'medium' as const },
];
const admit = (limiter: ReturnType<typeof redisLimiter>) =>
  limiter.admit({ ...question, leaseMs: 60_000, candidates });

/** The rights that the documentation grants. */
let documented: string[];
beforeAll(async () => {
  const page = await readFile(new URL('../../../../../docs/redis.md', import.meta.url), 'utf8');
  documented = /ACL SETUSER app on '?>\S+? (~.*?)$/m.exec(page)?.[1]?.split(' ') ?? [];
});

describe('the documented rights', () => {
  it('are enough for all that the limiter does', async () => {
    const { as } = await open();
    const limiter = await as(...documented);
    const { problems, warnings } = await limiter.check();
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });

    const [granted, waiting] = await admit(limiter);
    if (granted?.kind !== 'granted') throw new Error('expected a claim');
    expect(waiting?.kind).toBe('wait');
    await limiter.renew({ key: question.key, claims: [granted.claim], leaseMs: 60_000 });
    await limiter.settle({ ...question, settlements: [{ ...granted.claim, outcome: 'delivered' }] });
    await limiter.inspect(question.key);
    await limiter.pause(question.key);
    await limiter.resume(question.key);
    expect(await limiter.find(question.key, 'm-1', { queueUrl: QUEUE })).toMatchObject({ state: 'unknown' });
    expect(await limiter.cancel(question.key, 'm-2', { queueUrl: QUEUE })).toBe(true);
  });

  it('are those that the check asks for, and no other', async () => {
    const { as } = await open();
    const { problems } = await (await as('~huntaze:*', '+ping')).check();
    const [, asked = ''] = problems.at(-1)?.split('ACL SETUSER <user> ') ?? [];
    expect(new Set(asked.split(' '))).toEqual(new Set(documented));
  });
});

describe('a check', () => {
  it('names the server, its eviction policy and that it is no cluster', async () => {
    const { redis } = await open({ 'maxmemory-policy': 'allkeys-lru' });
    expect(await redisLimiter({ redis }).check()).toEqual({
      server: expect.stringMatching(/^(Redis|Valkey) \d+\.\d+\.\d+$/),
      cluster: false,
      evictionPolicy: 'allkeys-lru',
      problems: [],
      warnings: [expect.stringContaining('expected maxmemory-policy noeviction, found allkeys-lru')],
    });
  });

  it('names commands that are refused, and what grants them; so does the error of a question', async () => {
    const { as } = await open();
    const limiter = await as('~huntaze:*', '+@all', '-hset', '-zadd');
    const missing =
      'expected a user who may run hset, zadd, found that an ACL refuses them: ACL SETUSER <user> ~huntaze:* +hset +zadd';
    expect((await limiter.check()).problems).toEqual([missing]);
    await expect(admit(limiter)).rejects.toThrow(missing);
  });

  it('warns of commands that are done without', async () => {
    const { as } = await open();
    const { problems, warnings } = await (await as('~huntaze:*', '+@all', '-info')).check();
    expect(problems).toEqual([]);
    expect(warnings).toEqual([expect.stringMatching(/may run info.*ACL SETUSER <user> ~huntaze:\* \+info$/)]);
  });

  it('names the keys that a user may not touch', async () => {
    const { as } = await open();
    const { problems } = await (await as('~other:*', '+@all')).check();
    expect(problems).toEqual([expect.stringContaining('NOPERM'), expect.stringContaining('~huntaze:* ')]);
  });

  it('tells a single connection to a node of a cluster', async () => {
    const cluster = await startRedisCluster();
    closings.push(() => cluster.stop());
    for (const { url } of cluster.servers) {
      const redis = new Redis(url);
      closings.push(() => redis.disconnect());
      expect((await redisLimiter({ redis }).check()).problems.at(-1)).toBe(
        'expected a cluster client, found a single connection to a node of a cluster',
      );
    }
  });

  it.each([
    ['6.2.14', ['expected Redis 7 or later, or Valkey, found Redis 6.2.14']],
    ['7.0.0', []],
    ['', []],
  ])('judges a server of version "%s"', async (version, problems) => {
    const answer = async () => [version, [], [], version && `redis_version:${version}\r\n`];
    expect((await redisLimiter({ redis: { evalsha: answer, eval: answer } }).check()).problems).toEqual(
      problems,
    );
  });

  it('changes nothing on the server', async () => {
    const { redis } = await open();
    await redisLimiter({ redis }).check();
    expect(await redis.dbsize()).toBe(0);
  });

  it('never throws, and says why there is no answer', async () => {
    const redis = new Redis(1, '127.0.0.1', { maxRetriesPerRequest: 1 });
    closings.push(() => redis.disconnect());
    const { server, problems } = await redisLimiter({ redis }).check();
    expect({ server, problems }).toEqual({
      server: undefined,
      problems: [expect.stringContaining('connect ECONNREFUSED 127.0.0.1:1')],
    });
  });
});
