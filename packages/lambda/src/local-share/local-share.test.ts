import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { expect, it } from 'vitest';
import { slidingWindow, tokenBucket } from '../limits/limit.ts';
import { openLocalShare, SILENT_MS, WINDOW_MS } from '../testing/open-local-share.ts';

it('is the shared limiter while that answers', async () => {
  const { spend, measured, heard } = openLocalShare();
  expect(await spend(12)).toBe(10);
  expect(heard).toEqual(['admit', 'settle']);
  expect(measured).toEqual([]);
});

it('admits nothing until the shared limiter was silent for a lease and a window, then its share', async () => {
  const { spend, state, clock, measured } = openLocalShare();
  expect(await spend(10)).toBe(10);
  state.down = true;

  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(SILENT_MS - 1);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(1);

  expect(await spend(12)).toBe(5);
  expect(measured).toEqual(Array(5).fill('LocalAdmissions'));
});

it('begins to count the silence anew when the shared limiter has answered in between', async () => {
  const { spend, state, clock } = openLocalShare();
  state.down = true;
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  state.down = false;
  expect(await spend(1)).toBe(1);
  state.down = true;
  await clock.advance(SILENT_MS);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
});

it('never sends the shared limiter a claim of its own', async () => {
  const { limiter, requestFor, goAlone, heard } = openLocalShare();
  await goAlone();
  const [admission] = await limiter.admit(requestFor(['mine']));
  if (admission?.kind !== 'granted') throw new Error('expected a grant');
  heard.length = 0;

  const claims = [admission.claim];
  expect(admission.claim.token).toBeLessThan(0);
  expect(await limiter.renew({ ...requestFor([]), claims })).toEqual([true]);
  const settlements = [{ ...admission.claim, outcome: 'delivered' as const }];
  expect(await limiter.settle({ ...requestFor([]), settlements })).toEqual([true]);
  expect(await limiter.settle({ ...requestFor([]), settlements })).toEqual([false]);

  expect(heard).toEqual([]);
  expect(await limiter.admit(requestFor(['mine']))).toEqual([{ kind: 'settled', outcome: 'delivered' }]);
});

it('asks the shared limiter again every five seconds, and tells that it decided alone, and why', async () => {
  const { limiter, requestFor, goAlone, heard, clock } = openLocalShare();
  await goAlone();
  heard.length = 0;
  const causes: unknown[] = [];
  for (let second = 0; second < 10; second++) {
    await limiter.admit(requestFor([`m-${second}`]), (error) => causes.push(error));
    await clock.advance(1_000);
  }
  expect(heard).toEqual(['admit', 'admit']);
  expect(causes).toHaveLength(10);
  expect(causes[0]).toBeInstanceOf(LimiterUnavailableError);
});

it('gives back what the shared limiter grants, and holds the key for all, until its own have left the window', async () => {
  const { limiter, memory, requestFor, spend, goAlone, state, clock } = openLocalShare();
  await goAlone();
  expect(await spend(5)).toBe(5);
  state.down = false;
  await clock.advance(20_000);

  const [admission] = await limiter.admit(requestFor(['waits']));
  expect(admission).toMatchObject({ kind: 'wait', dueAtMs: clock.nowMs() + 40_000 });
  // Another process, which never lost the limiter.
  expect(await spend(1, memory)).toBe(0);
  await clock.advance(39_999);
  expect(await spend(1)).toBe(0);
  await clock.advance(1);
  // Three wait since then, and go first when they come back.
  expect(await spend(12)).toBe(10 - 3);
});

it('waits for its own deliveries to end before the shared limiter is used again', async () => {
  const { limiter, requestFor, goAlone, state, clock } = openLocalShare();
  await goAlone();
  await limiter.admit(requestFor(['slow']));
  state.down = false;
  await clock.advance(5_000);
  // It may run until its lease ends, and its call counts from then.
  const [admission] = await limiter.admit(requestFor(['next']));
  expect(admission).toMatchObject({ kind: 'wait', dueAtMs: clock.nowMs() + 5_000 + WINDOW_MS });
});

it.each([
  ['a window', [slidingWindow({ limit: 10, windowMs: 1_000 })]],
  ['a bucket', [tokenBucket({ capacity: 10, refillPerMinute: 60 })]],
])('admits nothing alone when its share of %s is less than one message', async (_, limits) => {
  const { spend, state, clock } = openLocalShare({ limits, share: 0.09 });
  state.down = true;
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(10 * SILENT_MS);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
});
