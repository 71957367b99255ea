import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { expect, it } from 'vitest';
import type { Claim } from '../limiter.ts';
import { GAP_MS, LEASE_MS, openLocalShare, SILENT_MS, WINDOW_MS } from '../../testing/open-local-share.ts';

type Opened = ReturnType<typeof openLocalShare>;

/** Asks about one message, expects it to be granted, and gives its claim. */
async function claimOf({ limiter, requestFor }: Opened, id: string): Promise<Claim> {
  const [admission] = await limiter.admit(requestFor([id]));
  if (admission?.kind !== 'granted') throw new Error(`expected a grant, found ${admission?.kind}`);
  return admission.claim;
}

/** The upstream asks for silence. */
async function silence(opened: Opened, claim: Claim, holdMs: number): Promise<void> {
  const { limiter, requestFor } = opened;
  await limiter.settle({ ...requestFor([]), settlements: [{ ...claim, outcome: 'release', holdMs }] });
}

it.each([3_600_000, -3_600_000])('is not misled by a wall clock that is set by %d ms', async (byMs) => {
  const { limiter, requestFor, spend, goAlone, clock } = openLocalShare();
  await goAlone();
  expect(await spend(5)).toBe(5);

  clock.step(byMs);

  expect(await spend(1)).toBe(0);
  const [admission] = await limiter.admit(requestFor(['next']));
  expect(admission).toMatchObject({ kind: 'wait', dueAtMs: clock.nowMs() + WINDOW_MS });
  for (let passedMs = 0; passedMs < WINDOW_MS; passedMs += GAP_MS) {
    expect(await limiter.admit(requestFor(['next']))).toMatchObject([{ kind: 'wait' }]);
    await clock.advance(GAP_MS);
  }
  expect(await spend(2)).toBe(2);
});

it('names no time for a place beyond five minutes: the shared limiter may have answered by then', async () => {
  const { limiter, requestFor, goAlone, clock } = openLocalShare({ share: 0.1 });
  await goAlone();

  const admissions = await limiter.admit(requestFor(['now', '1', '2', '3', '4', '5', '6', '7']));

  const waits = admissions.flatMap((one) =>
    one.kind === 'wait' ? [(one.dueAtMs - clock.nowMs()) / 60_000] : [],
  );
  expect(waits).toEqual([1, 2, 3, 4, 5, 5, 5]);
});

it('recognises what it has made final alone when the shared limiter decides again', async () => {
  const opened = openLocalShare();
  const { limiter, requestFor, goAlone, state, clock } = opened;
  await goAlone();
  const settlements = [
    { ...(await claimOf(opened, 'mine')), outcome: 'delivered' as const },
    { ...(await claimOf(opened, 'gone')), outcome: 'dead' as const },
  ];
  await limiter.settle({ ...requestFor([]), settlements });
  state.down = false;
  await clock.advance(WINDOW_MS);

  expect(await limiter.admit(requestFor(['mine', 'other', 'gone']))).toMatchObject([
    { kind: 'settled', outcome: 'delivered' },
    { kind: 'granted', claim: { id: 'other' } },
    { kind: 'settled', outcome: 'dead' },
  ]);
});

it('keeps a silence that it was asked for alone, and holds the key for all, when the shared limiter decides again', async () => {
  const opened = openLocalShare();
  const { limiter, memory, requestFor, spend, goAlone, state, clock } = opened;
  await goAlone();
  await silence(opened, await claimOf(opened, 'loud'), 3 * WINDOW_MS);
  state.down = false;
  await clock.advance(2 * WINDOW_MS);

  const [admission] = await limiter.admit(requestFor(['early']));
  expect(admission).toMatchObject({ kind: 'wait', dueAtMs: clock.nowMs() + WINDOW_MS });
  expect(await spend(1, memory)).toBe(0);
  await clock.advance(WINDOW_MS);
  expect(await spend(1)).toBe(1);
});

it('counts no silence while the shared limiter prolongs claims: what it has granted goes on', async () => {
  const opened = openLocalShare();
  const { limiter, requestFor, spend, askInVain, state, clock } = opened;
  const { id, token } = await claimOf(opened, 'long');
  state.down = true;
  await expect(spend(1)).rejects.toThrow(LimiterUnavailableError);
  state.down = false;
  await clock.advance(LEASE_MS / 2);
  expect(await limiter.renew({ ...requestFor([]), claims: [{ id, token }] })).toEqual([true]);
  state.down = true;

  await askInVain(SILENT_MS);
  expect(await spend(1)).toBe(1);
});
