import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { describe, expect, it } from 'vitest';
import { slidingWindow, tokenBucket } from '../limits/limit.ts';
import { GAP_MS, LEASE_MS, openLocalShare, SILENT_MS, WINDOW_MS } from '../../testing/open-local-share.ts';

it('is the shared limiter while that answers', async () => {
  const { spend, measured, heard } = openLocalShare();
  expect(await spend(12)).toBe(10);
  expect(heard).toEqual(['admit', 'settle']);
  expect(measured).toEqual([]);
});

it('admits nothing until the shared limiter was silent for a lease and a window, then its share', async () => {
  const { spend, askInVain, state, clock, measured } = openLocalShare();
  expect(await spend(10)).toBe(10);
  state.down = true;

  await askInVain(SILENT_MS - 1);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(1);

  expect(await spend(12)).toBe(5);
  expect(measured).toEqual(Array(5).fill('LocalAdmissions'));
});

it('waits for the margin of the last deliveries too', async () => {
  const { limiter, requestFor, goAlone, clock } = openLocalShare();
  const marginMs = 2_000;
  await goAlone();
  const early = limiter.admit({ ...requestFor(['early']), marginMs });
  await expect(early).rejects.toThrow(LimiterUnavailableError);
  await clock.advance(marginMs);

  expect(await limiter.admit({ ...requestFor(['next']), marginMs })).toMatchObject([{ kind: 'granted' }]);
});

describe('the silence begins anew', () => {
  type Opened = ReturnType<typeof openLocalShare>;
  /** What shows that the shared limiter answers, or that nobody knows. */
  const breaks: Readonly<Record<string, (opened: Opened) => Promise<unknown>>> = {
    'with an answer': ({ spend }) => spend(1),
    'with a claim that is prolonged': ({ limiter, requestFor }) =>
      limiter.renew({ ...requestFor([]), claims: [{ id: 'other', token: 1 }] }),
    'with an outcome that is recorded, or refused': ({ limiter, requestFor }) =>
      limiter.settle({
        ...requestFor([]),
        settlements: [{ id: 'other', token: 1, outcome: 'release', holdMs: 0 }],
      }),
    'after a time in which nobody asked': ({ clock }) => clock.advance(GAP_MS + 1),
  };

  it.each(Object.entries(breaks))('%s', async (_, interrupt) => {
    const opened = openLocalShare();
    const { spend, askInVain, state } = opened;
    state.down = true;
    await askInVain(SILENT_MS - GAP_MS);
    await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
    state.down = false;
    await interrupt(opened);
    state.down = true;

    await askInVain(SILENT_MS);
    expect(await spend(12)).toBe(5);
  });

  it('with an answer about another key of the same part', async () => {
    const opened = openLocalShare({ partOf: () => 'shard' });
    const { limiter, requestFor, spend, askInVain, state } = opened;
    state.down = true;
    await askInVain(SILENT_MS - GAP_MS);
    state.down = false;
    await limiter.admit({ ...requestFor(['x']), key: 'account-2' });
    state.down = true;

    await askInVain(SILENT_MS);
    expect(await spend(12)).toBe(5);
  });

  it('when a single question failed and the traffic of the key went elsewhere', async () => {
    const { spend, memory, state, clock } = openLocalShare();
    state.down = true;
    await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
    await clock.advance(SILENT_MS);
    // Another process was served all the time.
    expect(await spend(10, memory)).toBe(10);

    await expect(spend(12)).rejects.toThrow(LimiterUnavailableError);
  });

  it('after a pause while this process decides alone', async () => {
    const { spend, goAlone, clock } = openLocalShare();
    await goAlone();
    expect(await spend(1)).toBe(1);
    await clock.advance(WINDOW_MS);

    await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  });
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
  expect(admission).toMatchObject({ kind: 'wait', dueAtMs: clock.nowMs() + LEASE_MS - 5_000 + WINDOW_MS });
});

it.each([
  ['a window', [slidingWindow({ limit: 10, windowMs: 1_000 })]],
  ['a bucket', [tokenBucket({ capacity: 10, refillPerMinute: 60 })]],
])('admits nothing alone when its share of %s is less than one message', async (_, limits) => {
  const { spend, askInVain, state } = openLocalShare({ limits, share: 0.09 });
  state.down = true;
  await askInVain(10 * SILENT_MS);
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
});
