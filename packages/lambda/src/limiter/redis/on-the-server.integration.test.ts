import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { openTestRedis, redisForTests, startRedis } from '@huntaze/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { perMinute, slidingWindow, type Limit } from '../limits/limit.ts';
import { WAITER_GRACE_MS, type AdmitRequest, type Limiter } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { IoredisClient } from './clients/ioredis.ts';

const DAY_MS = 24 * 3_600_000;

const { redis, prefix } = await redisForTests();
let limiters = 0;
const ownPrefix = () => `${prefix}${limiters++}`;

const request = (ids: readonly string[], overrides: Partial<AdmitRequest> = {}): AdmitRequest => ({
  key: 'account-1',
  limits: perMinute(10),
  marginMs: 400,
  candidates: ids.map((id) => ({ id, priority: 'medium' })),
  leaseMs: 60_000,
  ...overrides,
});
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m-${index}`);
const kinds = async (limiter: Limiter, ids: readonly string[]) =>
  (await limiter.admit(request(ids))).map(({ kind }) => kind);

/** Counts the commands on their way to the server. */
function counting(server: IoredisClient = redis): IoredisClient & { readonly commands: string[] } {
  const commands: string[] = [];
  return {
    commands,
    evalsha: (...command) => (commands.push('evalsha'), server.evalsha(...command)),
    eval: (...command) => (commands.push('eval'), server.eval(...command)),
  };
}

describe('round trips', () => {
  it('are one per question and one per settlement, whatever the number of messages', async () => {
    const client = counting();
    const limiter = redisLimiter({ redis: client, prefix: ownPrefix(), coldStart: 'full' });
    await limiter.admit(request(['warm']));
    await limiter.settle({
      ...request([]),
      settlements: [{ id: 'warm', token: 0, outcome: 'unused' }],
    });
    client.commands.length = 0;

    const admissions = await limiter.admit(request(numbered(100)));
    expect(client.commands).toEqual(['evalsha']);

    const settlements = admissions.flatMap((admission) =>
      admission.kind === 'granted'
        ? [{ id: admission.claim.id, token: admission.claim.token, outcome: 'delivered' as const }]
        : [],
    );
    expect(await limiter.settle({ ...request([]), settlements })).toEqual(Array<boolean>(9).fill(true));
    expect(client.commands).toEqual(['evalsha', 'evalsha']);
  });
});

describe('a server that forgot its scripts', () => {
  it('is taught them again, and has forgotten nothing else', async () => {
    // Of its own: others would teach a shared one in between.
    const server = await startRedis({});
    const { redis: own, close } = await openTestRedis(server.url);
    onTestFinished(async () => {
      await close();
      await server.stop();
    });
    const client = counting(own);
    const limiter = redisLimiter({ redis: client, prefix: ownPrefix(), coldStart: 'full' });
    expect(await kinds(limiter, numbered(10))).toEqual(Array<string>(10).fill('granted'));

    await own.script('FLUSH');
    client.commands.length = 0;

    expect(await kinds(limiter, ['late'])).toEqual(['wait']);
    expect(client.commands).toEqual(['evalsha', 'eval']);
    expect(
      await limiter.settle({ ...request([]), settlements: [{ id: 'm-0', token: 0, outcome: 'dead' }] }),
    ).toEqual([false]);
    expect(client.commands).toEqual(['evalsha', 'eval', 'evalsha', 'eval']);
    expect(await kinds(limiter, ['later'])).toEqual(['wait']);
    expect(client.commands.slice(4)).toEqual(['evalsha']);
  });
});

describe('what is written', () => {
  it('expires, every key of it, and after the longest thing that it must remember', async () => {
    const own = ownPrefix();
    const rememberMs = 3_600_000;
    const limiter = redisLimiter({ redis, prefix: own, rememberMs, coldStart: 'full' });
    const limits = [slidingWindow({ limit: 2, windowMs: 90_000 })];
    const [claimed, held] = await limiter.admit(request(numbered(5), { limits }));
    if (claimed?.kind !== 'granted' || held?.kind !== 'granted') throw new Error('expected two claims');
    const settlements = [
      { id: 'm-0', token: claimed.claim.token, outcome: 'delivered' as const },
      { id: 'm-1', token: held.claim.token, outcome: 'release' as const, holdMs: 7_200_000 },
    ];
    await limiter.settle({ ...request([], { limits }), settlements });

    const remaining = await timesToLive(own);

    expect(Object.keys(remaining).toSorted()).toEqual([
      '{0}:account-1:due',
      '{0}:account-1:line',
      '{0}:account-1:log',
      expect.stringMatching(/^\{0\}:account-1:settled:(even|odd)$/),
      '{0}:account-1:state',
      expect.stringMatching(/^\{0\}:account-1:unfinished:(even|odd)$/),
    ]);
    expect(Object.values(remaining).filter((ms) => ms <= 0)).toEqual([]);
    expect(remaining['{0}:account-1:state']).toBeGreaterThan(DAY_MS);
    expect(remaining['{0}:account-1:log']).toBeGreaterThan(DAY_MS);
    const [settled, unfinished] = ['settled', 'unfinished'].map(
      (kind) => Object.entries(remaining).find(([name]) => name.includes(kind))![1],
    );
    expect(settled).toBeGreaterThan(rememberMs - 1_000);
    expect(settled).toBeLessThanOrEqual(2 * rememberMs);
    expect(unfinished).toBeGreaterThan(14 * DAY_MS - 1_000);
    expect(unfinished).toBeLessThanOrEqual(28 * DAY_MS);
  });

  it('expires, also the kinds that not every account has', async () => {
    const own = ownPrefix();
    const clock = fakeClock();
    const rememberMs = 3_600_000;
    const limiter = redisLimiter({ redis, prefix: own, rememberMs, clock, serverClock: clock });
    const limits = [
      slidingWindow({ limit: 2, windowMs: 1_000 }),
      slidingWindow({ limit: 50, windowMs: 90_000, exact: false }),
    ];
    const coarse = limits.slice(1);
    const deliver = async (ids: readonly string[], under: readonly Limit[]) => {
      const admissions = await limiter.admit(request(ids, { limits: under }));
      const settlements = admissions.flatMap((one) =>
        one.kind === 'granted'
          ? [{ id: one.claim.id, token: one.claim.token, outcome: 'delivered' as const }]
          : [],
      );
      await limiter.settle({ ...request([], { limits: under }), settlements });
    };
    await limiter.admit(request(['too early'], { limits }));
    await clock.advance(180_000);
    await deliver(numbered(12), coarse);
    await clock.advance(2_000);
    await deliver(['early-1'], limits);
    await clock.advance(rememberMs);
    await deliver(['late-1', 'late-2', 'late-3'], limits);

    const remaining = await timesToLive(own);

    expect(Object.keys(remaining).toSorted()).toEqual([
      '{0}:account-1:counts',
      '{0}:account-1:due',
      '{0}:account-1:line',
      '{0}:account-1:log',
      '{0}:account-1:settled:even',
      '{0}:account-1:settled:odd',
      '{0}:account-1:state',
      '{0}:generation',
    ]);
    const { '{0}:generation': generation, ...ofAccount } = remaining;
    expect(Object.values(remaining).filter((ms) => ms <= 0)).toEqual([]);
    expect(ofAccount['{0}:account-1:counts']).toBeGreaterThan(DAY_MS);
    expect(Math.max(...Object.values(ofAccount))).toBeLessThan(DAY_MS + 300_000);
    expect(generation).toBeGreaterThan(29 * DAY_MS);
    expect(generation).toBeLessThanOrEqual(30 * DAY_MS);
  });

  it('expires when an account is paused, asked about meanwhile, and let go on', async () => {
    const own = ownPrefix();
    const limiter = redisLimiter({ redis, prefix: own, coldStart: 'full' });
    const stateFor = async () => (await timesToLive(own))['{0}:account-1:state'];

    await limiter.pause('account-1');
    expect(await stateFor()).toBeGreaterThan(30 * DAY_MS);
    await limiter.admit(request(['waits']));
    await limiter.resume('account-1');

    const remaining = Object.values(await timesToLive(own));
    expect(remaining.filter((ms) => ms <= 0)).toEqual([]);
    expect(Math.max(...remaining)).toBeLessThanOrEqual(31 * DAY_MS + WAITER_GRACE_MS);
  });

  async function timesToLive(own: string): Promise<Record<string, number>> {
    const names = await redis.keys(`${own}:*`);
    const entries = names.map(async (name) => [name.slice(own.length + 1), await redis.pttl(name)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  it('is all under the prefix', async () => {
    const own = ownPrefix();
    const written = new Set<string>();
    const watching: IoredisClient = {
      evalsha: (sha, count, ...rest) => {
        for (const name of rest.slice(0, count)) written.add(name);
        return redis.evalsha(sha, count, ...rest);
      },
      eval: (source, count, ...rest) => redis.eval(source, count, ...rest),
    };
    await redisLimiter({ redis: watching, prefix: own }).admit(request(['{x}', 'y'], { key: 'a{b}c%' }));

    expect([...written].filter((name) => !name.startsWith(`${own}:{`))).toEqual([]);
  });
});

describe('time', () => {
  it("is the server's: a process whose clock is wrong gets the same places", async () => {
    const own = ownPrefix();
    const wrong = fakeClock(Date.UTC(2001, 0, 1));
    const limits = [slidingWindow({ limit: 1, windowMs: 60_000 })];
    const first = redisLimiter({ redis, prefix: own, coldStart: 'full' });
    const second = redisLimiter({ redis, prefix: own, clock: wrong, coldStart: 'full' });

    await first.admit(request(['a'], { limits, marginMs: 0 }));
    const [answer] = await second.admit(request(['b'], { limits, marginMs: 0 }));

    if (answer?.kind !== 'wait') throw new Error('expected a wait');
    const inMs = answer.dueAtMs - wrong.nowMs();
    expect(inMs).toBeGreaterThan(55_000);
    expect(inMs).toBeLessThanOrEqual(120_000);
  });
});

it('refuses a prefix with braces', () => {
  for (const braced of ['a{b', 'a}b', '{a}']) {
    expect(() => redisLimiter({ redis, prefix: braced })).toThrow(
      'prefix: expected a string without braces, found another string',
    );
  }
});
