import { Redis as Upstash } from '@upstash/redis';
import { describe, expect, it } from 'vitest';
import { configurationProblems } from '../testing/configuration-problems.ts';
import { memoryLimiter } from './memory/memory-limiter.ts';
import { redisLimiter } from './redis/redis-limiter.ts';

const redis = { evalsha: async () => null, eval: async () => null };
const NO_NAME = 'upstream: expected a name of 1 to 64 letters, digits, dots, hyphens and underscores, found';
const NO_REDIS =
  'redis: expected a client of ioredis, iovalkey, node-redis, valkey-glide or Bun, or an object with evalsha, eval, found';

describe('redisLimiter', () => {
  it.each([[undefined], [null], ['redis://x'], [{}]])('is not made of %j', (options) => {
    expect(configurationProblems(() => redisLimiter(options as never))).toEqual([`${NO_REDIS} undefined`]);
  });

  it.each([
    [{ redis: 'redis://x' }, `${NO_REDIS} a string`],
    [{ redis: { eval: redis.eval } }, `${NO_REDIS} an object`],
    [
      { redis: new Upstash({ url: 'https://example.upstash.io', token: 'secret' }) },
      `${NO_REDIS} @upstash/redis, which sends HTTP requests: connect to the same database with ioredis and its rediss:// URL`,
    ],
    [{ prefix: 7 }, 'prefix: expected a string without braces, found 7'],
    [{ prefix: '{a}' }, 'prefix: expected a string without braces, found another string'],
    [{ upstream: '' }, `${NO_NAME} an empty string`],
    [{ upstream: 'a/b' }, `${NO_NAME} another string`],
    [{ upstream: 'x'.repeat(65) }, `${NO_NAME} another string`],
    [{ timeoutMs: Number.NaN }, 'timeoutMs: expected a whole number from 1 to 60000, found NaN'],
    [{ timeoutMs: 60_001 }, 'timeoutMs: expected a whole number from 1 to 60000, found 60001'],
    [{ rememberMs: -1 }, 'rememberMs: expected a whole number from 1 to 2678400000, found -1'],
    [{ rememberMs: '24h' }, 'rememberMs: expected a whole number from 1 to 2678400000, found a string'],
    [{ coldStart: 'warm' }, 'coldStart: expected empty or full, found another string'],
    [{ shards: 0 }, 'shards: expected a whole number from 1 to 16384, found 0'],
    [{ shards: 16_385 }, 'shards: expected a whole number from 1 to 16384, found 16385'],
    [{ ids: {} }, 'ids: expected an object with next, found an object without next'],
    [
      { serverClock: Date },
      'serverClock: expected an object with nowMs, monotonicMs, sleep, found a function without nowMs, monotonicMs, sleep',
    ],
    [
      { timeout: 5 },
      'timeout: expected an option that exists, found another option: did you mean timeoutMs?',
    ],
  ])('refuses %j', (options, problem) => {
    expect(configurationProblems(() => redisLimiter({ redis, ...options } as never))).toEqual([problem]);
  });

  it('takes the least and the most of each number', () => {
    const most = { timeoutMs: 60_000, rememberMs: 2_678_400_000, shards: 16_384 };
    expect(configurationProblems(() => redisLimiter({ redis, ...most }))).toEqual([]);
    expect(
      configurationProblems(() => redisLimiter({ redis, timeoutMs: 1, rememberMs: 1, shards: 1 })),
    ).toEqual([]);
  });
});

describe('memoryLimiter', () => {
  it('refuses what redisLimiter does, and what it does not know', () => {
    const options = { rememberMs: 0, coldStart: 'warm', clock: {}, prefix: 'app' };
    expect(configurationProblems(() => memoryLimiter(options as never))).toEqual([
      'rememberMs: expected a whole number from 1 to 2678400000, found 0',
      'coldStart: expected empty or full, found another string',
      'clock: expected an object with nowMs, monotonicMs, sleep, found an object without nowMs, monotonicMs, sleep',
      'prefix: expected one of upstream, rememberMs, coldStart, clock, found another option',
    ]);
  });

  it('needs nothing', () => {
    expect(configurationProblems(() => memoryLimiter())).toEqual([]);
    expect(configurationProblems(() => memoryLimiter({}))).toEqual([]);
  });
});
