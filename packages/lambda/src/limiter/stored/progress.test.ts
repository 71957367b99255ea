import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { priorities } from '@huntaze/rate-limiter-client/contract';
import { expect, it } from 'vitest';
import { slidingWindow } from '../limits/limit.ts';
import { mapStore } from './map-store.fixture.ts';
import { storedLimiter } from './stored-limiter.ts';

const WINDOW_MS = 60_000;
const MARGIN_MS = 400;
const LIMIT = 3;
const MESSAGES = 30;

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Messages of all priorities and costs that ask when they were told to; some fail once in a while, some never return.
 * @returns how many were neither delivered nor lost after much more time than the limit needs.
 */
async function left(seed: number, vanishing: number): Promise<number> {
  const draw = drawing(seed);
  const clock = fakeClock();
  const limiter = storedLimiter({ store: mapStore(), coldStart: 'full', clockSkewMs: 0, clock });
  const question = {
    key: 'account-1',
    limits: [slidingWindow({ limit: LIMIT, windowMs: WINDOW_MS })],
    marginMs: MARGIN_MS,
  };
  const waiting = new Map(
    Array.from({ length: MESSAGES }, (_, index) => {
      const priority = priorities[Math.floor(draw() * priorities.length)]!;
      const cost = 1 + Math.floor(draw() * LIMIT);
      return [`m-${index}`, { priority, cost, atMs: clock.nowMs() }] as const;
    }),
  );
  const endMs = clock.nowMs() + 4 * MESSAGES * WINDOW_MS;
  while (waiting.size > 0 && clock.nowMs() < endMs) {
    const [id, { atMs, ...message }] = [...waiting].toSorted(([, a], [, b]) => a.atMs - b.atMs)[0]!;
    if (atMs > clock.nowMs()) await clock.advance(atMs - clock.nowMs());
    const [answer] = await limiter.admit({ ...question, leaseMs: 30_000, candidates: [{ id, ...message }] });
    switch (answer?.kind) {
      case 'granted': {
        const { token } = answer.claim;
        const fails = draw() < 0.3;
        const outcome = fails
          ? ({ outcome: 'retry', retryAfterMs: 1_000 } as const)
          : ({ outcome: 'delivered' } as const);
        await limiter.settle({ ...question, settlements: [{ id, token, ...outcome }] });
        if (fails) waiting.set(id, { ...message, atMs: clock.nowMs() + 1_000 });
        else waiting.delete(id);
        break;
      }
      case 'wait':
        if (draw() < vanishing) waiting.delete(id);
        else waiting.set(id, { ...message, atMs: answer.dueAtMs });
        break;
      case 'busy':
        waiting.set(id, { ...message, atMs: answer.retryAtMs });
        break;
      default:
        throw new Error(`expected a grant or a wait, found ${String(answer?.kind)}`);
    }
  }
  return waiting.size;
}

it.each([0, 0.05])(
  'no queue of mixed costs and priorities stops for ever, whatever fails (of its waiters, %d vanish each time)',
  async (vanishing) => {
    for (let seed = 1; seed <= 60; seed++) expect(await left(seed, vanishing), `seed ${seed}`).toBe(0);
  },
);
