import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { redisForTests } from '@huntaze/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { perMinute } from '../limits/limit.ts';
import type { Limiter } from '../limiter.ts';
import { redisLimiter } from './redis-limiter.ts';

const { redis, prefix } = await redisForTests();
const REMEMBER_MS = 3_600_000;

const question = { key: 'account-1', limits: perMinute(10), marginMs: 400, leaseMs: 60_000 };
const clock = fakeClock();
let scenes = 0;
let scene: string;
let limiter: Limiter;
beforeEach(async () => {
  scene = `${prefix}${scenes++}`;
  const serverClock = clock;
  limiter = redisLimiter({
    redis,
    prefix: scene,
    rememberMs: REMEMBER_MS,
    coldStart: 'full',
    clock,
    serverClock,
  });
  await deliver('remembered');
});

async function ask(id: string) {
  const [admission] = await limiter.admit({ ...question, candidates: [{ id, priority: 'medium' }] });
  return admission!;
}

async function deliver(id: string) {
  const admission = await ask(id);
  if (admission.kind !== 'granted') throw new Error(`expected a grant, found ${admission.kind}`);
  const settlements = [{ id, token: admission.claim.token, outcome: 'delivered' as const }];
  await limiter.settle({ ...question, settlements });
}

describe('a delivered message', () => {
  it('is remembered when the page turns, and forgotten when it turns again', async () => {
    await clock.advance(REMEMBER_MS);
    expect((await ask('turns the page')).kind).toBe('granted');
    expect(await ask('remembered')).toEqual({ kind: 'settled', outcome: 'delivered' });

    await clock.advance(REMEMBER_MS);
    expect((await ask('turns it again')).kind).toBe('granted');
    expect((await ask('remembered')).kind).toBe('granted');
  });

  it('is remembered after the page has turned although all else of its key was evicted', async () => {
    await clock.advance(REMEMBER_MS);
    await ask('turns the page');
    await redis.del(`${scene}:{0}:account-1:state`);

    expect(await ask('remembered')).toEqual({ kind: 'settled', outcome: 'delivered' });
  });

  it('is forgotten when nobody asked for so long', async () => {
    await clock.advance(2 * REMEMBER_MS);

    expect((await ask('remembered')).kind).toBe('granted');
  });
});
