import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { slidingWindow } from '../limits/limit.ts';
import type { Limiter } from '../limiter.ts';
import type { LimiterOperations } from '../operations.ts';
import { redisLimiter } from './redis-limiter.ts';
import { careful, openServer, refusals } from './restricted.fixture.ts';

const LIMIT = 10;
const WINDOW_MS = 2_000;
const NOON_MS = Date.UTC(2026, 0, 1, 12);
/** By what the clocks of processes may differ. */
const APART_MS = 1_000;

const request = {
  key: 'account-1',
  limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
  marginMs: 0,
  leaseMs: 60_000,
};
const ask = async (limiter: Limiter, ...ids: readonly string[]) =>
  limiter.admit({ ...request, candidates: ids.map((id) => ({ id, priority: 'medium' })) });

async function open() {
  const { server, admin } = await openServer();
  const redis = await careful(server, '-time');
  const start = (clock = fakeClock()) => {
    const limiter = redisLimiter({ redis, clock, coldStart: 'full' });
    return { clock, limiter };
  };
  return { admin, redis, start };
}

/** Takes all slots, and gives them back at once as delivered. */
async function spendAll(limiter: Limiter) {
  const ids = Array.from({ length: LIMIT }, (_, index) => `m-${index}`);
  const admissions = await ask(limiter, ...ids);
  const settlements = admissions.flatMap((admission) =>
    admission.kind === 'granted'
      ? [{ id: admission.claim.id, token: admission.claim.token, outcome: 'delivered' as const }]
      : [],
  );
  expect(await limiter.settle({ ...request, settlements })).toEqual(ids.map(() => true));
}

describe('a Redis whose scripts may not call TIME', () => {
  it('keeps each window by the clock of the process, for as much longer as clocks may differ', async () => {
    const { start } = await open();
    const { limiter, clock } = start();
    await spendAll(limiter);
    await clock.advance(WINDOW_MS + APART_MS - 1);
    expect(await limiter.inspect(request.key)).toMatchObject({ slotsFree: 0 });
    await clock.advance(1);
    expect(await limiter.inspect(request.key)).toMatchObject({ slotsFree: LIMIT });
  });

  it('refuses it to a process once', async () => {
    const { start, admin } = await open();
    const { limiter } = start();
    for (const id of ['a', 'b', 'c']) await ask(limiter, id);
    expect(await refusals(admin, 'time')).toBe(1);
  });

  it('refuses it to questions that are asked together, and answers them', async () => {
    const { start } = await open();
    const { limiter } = start();
    const answers = await Promise.all([ask(limiter, 'a'), ask(limiter, 'b')]);
    expect(answers).toMatchObject([[{ kind: 'granted' }], [{ kind: 'granted' }]]);
  });

  it('answers whatever a process asks first', async () => {
    const { start } = await open();
    const first: ((limiter: Limiter & LimiterOperations) => Promise<unknown>)[] = [
      (limiter) => limiter.settle({ ...request, settlements: [{ id: 'a', token: 1, outcome: 'delivered' }] }),
      (limiter) => limiter.renew({ key: request.key, leaseMs: 1_000, claims: [{ id: 'a', token: 1 }] }),
      (limiter) => limiter.find('other', 'a'),
      (limiter) => limiter.cancel('other', 'a'),
      (limiter) => limiter.pause('other'),
      (limiter) => limiter.inspect('other'),
    ];
    const answers = await Promise.all(first.map((call) => call(start().limiter)));
    expect(answers.slice(0, 4)).toEqual([[false], [false], { state: 'unknown' }, true]);
  });

  it('keeps windows by the clock that is most ahead, and time runs no faster for it', async () => {
    const { start } = await open();
    const [ahead, behind] = [start(fakeClock(NOON_MS + APART_MS)), start(fakeClock(NOON_MS))];
    const pass = (ms: number) => Promise.all([ahead, behind].map(({ clock }) => clock.advance(ms)));
    await spendAll(behind.limiter);
    // The one ahead sees a second less of the window, which is kept for a second longer.
    for (let turn = 1; turn <= 19; turn++) {
      await pass(100);
      expect(await ask(turn % 2 === 0 ? ahead.limiter : behind.limiter, 'waits')).toMatchObject([
        { kind: 'wait' },
      ]);
    }
    await pass(100);
    expect(await ask(ahead.limiter, 'waits')).toMatchObject([{ kind: 'granted' }]);
  });
});
