import { EventEmitter } from 'node:events';
import { isLimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { perMinute } from '../limits/limit.ts';
import type { Limiter } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';
import type { RedisClient } from './clients/clients.ts';

const key = 'account-1';
const common = { key, limits: perMinute(10), marginMs: 0 };
const admit = (limiter: Limiter) =>
  limiter.admit({ ...common, leaseMs: 60_000, candidates: [{ id: 'm-1', priority: 'medium' }] });
const settle = (limiter: Limiter) =>
  limiter.settle({ ...common, settlements: [{ id: 'm-1', token: 1, outcome: 'delivered' }] });

const never = () => new Promise<never>(() => {});
const silent: RedisClient = { evalsha: never, eval: never };
const answering = (answer: () => Promise<unknown>): RedisClient => ({ evalsha: answer, eval: answer });
const refusing = (message: string) => answering(() => Promise.reject(new Error(message)));

/** The error with which a call fails. */
async function failure(call: Promise<unknown>) {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isLimiterUnavailableError(error)) throw new Error('expected the limiter to be unavailable');
  return error;
}

describe('a Redis that never answers', () => {
  it.each([
    ['admit', admit],
    ['settle', settle],
  ])('makes %s give up after the timeout, not before', async (name, call) => {
    const clock = fakeClock();
    const limiter = redisLimiter({ redis: silent, clock, timeoutMs: 750 });
    let failed = false;

    const failing = failure(call(limiter).finally(() => (failed = true)));
    await clock.advance(749);
    expect(failed).toBe(false);
    await clock.advance(1);

    expect(await failing).toMatchObject({
      message: `expected Redis to answer ${name}, found: no answer within 750 ms`,
      retryable: true,
    });
    expect(clock.sleeping).toBe(0);
  });

  it('is waited for two seconds by default', async () => {
    const clock = fakeClock();
    const failing = failure(admit(redisLimiter({ redis: silent, clock })));

    await clock.advance(2_000);

    expect((await failing).message).toContain('no answer within 2000 ms');
  });

  it('or only after being taught the script, is not waited for twice', async () => {
    const clock = fakeClock();
    const forgetful: RedisClient = {
      evalsha: () => clock.sleep(600).then(() => Promise.reject(new Error('NOSCRIPT No matching script'))),
      eval: never,
    };
    const failing = failure(admit(redisLimiter({ redis: forgetful, clock, timeoutMs: 1_000 })));

    await clock.advance(1_000);

    expect((await failing).message).toContain('no answer within 1000 ms');
  });
});

describe('a Redis that refuses', () => {
  it.each([
    "READONLY You can't write against a read only replica.",
    'OOM command not allowed when used memory > maxmemory.',
    'LOADING Redis is loading the dataset in memory',
    'Connection is closed.',
  ])('is unavailable, with the cause: %s', async (message) => {
    const limiter = redisLimiter({ redis: refusing(message), clock: fakeClock() });

    for (const call of [admit, settle]) {
      const error = await failure(call(limiter));
      expect(error.message).toContain(message);
      expect(error.cause).toMatchObject({ message });
    }
  });

  it.each([undefined, 'text', Object.create(null)])(
    'is unavailable, whatever it throws: %o',
    async (thrown) => {
      const limiter = redisLimiter({ redis: answering(() => Promise.reject(thrown)), clock: fakeClock() });

      expect((await failure(admit(limiter))).message).toBe('expected Redis to answer admit, found: unknown');
    },
  );

  it('at once, by throwing instead of answering, is unavailable too', async () => {
    const limiter = redisLimiter({
      clock: fakeClock(),
      redis: answering(() => {
        throw new Error('not connected');
      }),
    });

    expect((await failure(admit(limiter))).message).toContain('not connected');
  });

  it('leaves no timer behind', async () => {
    const clock = fakeClock();
    await failure(admit(redisLimiter({ redis: refusing('no'), clock })));
    expect(clock.sleeping).toBe(0);
  });
});

describe('a Redis that has become a replica', () => {
  const demoted = (message: string) => {
    const left: unknown[] = [];
    const client = {
      ...refusing(message),
      disconnect: (...reconnect: unknown[]) => void left.push(...reconnect),
    };
    return { client, left };
  };

  it('is left for whatever its name leads to now, once a second at most', async () => {
    const clock = fakeClock();
    const { client, left } = demoted("READONLY You can't write against a read only replica.");
    const limiter = redisLimiter({ redis: client, clock });

    await Promise.all([failure(admit(limiter)), failure(settle(limiter))]);
    expect(left).toEqual([true]);
    await clock.advance(1_000);
    await failure(admit(limiter));
    expect(left).toEqual([true, true]);
  });

  it('is no other error, and no node of a cluster, whose client finds the new primary by itself', async () => {
    const loading = demoted('LOADING Redis is loading the dataset in memory');
    await failure(admit(redisLimiter({ redis: loading.client })));
    const node = demoted('READONLY');
    await failure(admit(redisLimiter({ redis: { ...node.client, isCluster: true } })));
    expect([...loading.left, ...node.left]).toEqual([]);
  });
});

describe('a connection that has become silent', () => {
  /** A client whose answers can be withheld, and how often it was told to connect anew. */
  function open(status = 'ready') {
    const clock = fakeClock();
    const state = { left: 0, answers: false };
    const answer = () => (state.answers ? Promise.resolve([1]) : never());
    const redis = { evalsha: answer, eval: answer, status, disconnect: () => void state.left++ };
    const limiter = redisLimiter({ redis, clock, timeoutMs: 1_000 });
    /** Asks every second, so that the time of the last question is that of the silence. */
    const askFor = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        const asked = settle(limiter).catch(() => {});
        await clock.advance(1_000);
        await asked;
      }
    };
    return { state, askFor, clock };
  }

  it('is left after three seconds of questions without an answer, and again after three more', async () => {
    const { state, askFor } = open();
    await askFor(2);
    expect(state.left).toBe(0);
    await askFor(1);
    expect(state.left).toBe(1);
    await askFor(3);
    expect(state.left).toBe(2);
  });

  it('is kept while it answers now and then, or nobody asks', async () => {
    const { state, askFor, clock } = open();
    await askFor(2);
    state.answers = true;
    await askFor(1);
    state.answers = false;
    await clock.advance(3_600_000);
    await askFor(2);
    expect(state.left).toBe(0);
  });

  it('is kept while it is being made', async () => {
    const { state, askFor } = open('connecting');
    await askFor(9);
    expect(state.left).toBe(0);
  });
});

describe('why a connection failed', () => {
  /** A client that emits errors and gives up on its commands. */
  function open() {
    const redis = Object.assign(new EventEmitter(), {
      ...answering(async () => {
        throw new Error('Reached the max retries per request limit');
      }),
    });
    return { redis, limiter: redisLimiter({ redis, clock: fakeClock() }) };
  }

  it('is said beside what the client says of its commands', async () => {
    const { redis, limiter } = open();
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    redis.emit('error', refused);

    const { message, cause } = await failure(admit(limiter));

    expect(message).toBe(
      'expected Redis to answer admit, found: Reached the max retries per request limit; the connection failed: connect ECONNREFUSED 127.0.0.1:1',
    );
    expect(cause).toBe(refused);
  });

  it('is its code where it has no text, as when several addresses were tried', async () => {
    const { redis, limiter } = open();
    redis.emit('error', Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }));
    expect((await failure(admit(limiter))).message).toMatch(/; the connection failed: ECONNREFUSED$/);
  });

  it('is listened to once, however many limiters share a client', () => {
    const { redis } = open();
    redisLimiter({ redis });
    expect(redis.listenerCount('error')).toBe(1);
  });
});
