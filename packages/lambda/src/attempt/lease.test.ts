import { LimiterUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import type { DeliverContext } from './deliver.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { lambdaContext, listing, record, sqsEvent } from '../testing/records.ts';

const LEASE_MS = 10_000;
const down = () => new LimiterUnavailableError('expected Redis to answer renew, found: no answer');

/** A delivery of 35 s under a lease of 10 s, unless it is told to stop; and when it was. */
function longDelivery(
  renewClaim: (nowMs: number) => boolean | Promise<boolean>,
  { deaf = false, cost = 1 } = {},
) {
  const clock = fakeClock();
  const abortedAtMs: number[] = [];
  const renewedAtMs: number[] = [];
  const made = makeHandler({
    clock,
    cost,
    leaseMs: LEASE_MS,
    deliverTimeoutMs: 60_000,
    timeoutMs: 60_000,
    renewClaim: () => {
      renewedAtMs.push(clock.monotonicMs());
      return renewClaim(clock.monotonicMs());
    },
    deliver: async (_, { signal }: DeliverContext) => {
      signal.addEventListener('abort', () => abortedAtMs.push(clock.monotonicMs()));
      await clock.sleep(35_000, deaf ? undefined : signal);
      signal.throwIfAborted();
    },
  });
  return { ...made, abortedAtMs, renewedAtMs, run: () => made.handler(sqsEvent(record())) };
}

describe('a delivery that takes longer than its lease', () => {
  it('has its claim renewed at half of each lease, with the same token, until it ends', async () => {
    const { run, clock, limiter, renewedAtMs, abortedAtMs } = longDelivery(() => true);

    const response = run();
    await clock.advance(100_000);

    expect(await response).toEqual(listing());
    expect(renewedAtMs).toEqual([5_000, 10_000, 15_000, 20_000, 25_000, 30_000]);
    expect(limiter.renewals[0]).toEqual({
      key: 'account-1',
      claims: [{ id: 'm-1', token: 1 }],
      leaseMs: LEASE_MS,
    });
    expect(abortedAtMs).toEqual([]);
    expect(limiter.settlements).toMatchObject([{ outcome: 'delivered' }]);
    expect(clock.sleeping).toBe(0);
  });

  it('says with each renewal what it costs: the limiter may have forgotten it', async () => {
    const { run, clock, limiter } = longDelivery(() => true, { cost: 2 });
    const response = run();
    await clock.advance(100_000);
    await response;
    expect(limiter.renewals[0]?.claims).toEqual([{ id: 'm-1', token: 1, cost: 2 }]);
  });

  it('is told to stop when its claim is lost', async () => {
    const { run, clock, abortedAtMs, logs } = longDelivery((nowMs) => nowMs < 15_000);

    const response = run();
    await clock.advance(15_000);

    expect(await response).toEqual(listing('m-1'));
    expect(abortedAtMs).toEqual([15_000]);
    expect(logs[0]).toEqual({
      level: 'warn',
      fields: { messageId: 'm-1' },
      message: 'a claim was lost while its delivery ran',
    });
  });

  it('goes on when a renewal fails and a later one does not', async () => {
    const { run, clock, renewedAtMs, abortedAtMs } = longDelivery((nowMs) => {
      if (nowMs < 8_000) throw down();
      return true;
    });

    const response = run();
    await clock.advance(35_000);

    expect(await response).toEqual(listing());
    expect(renewedAtMs.slice(0, 5)).toEqual([5_000, 6_250, 7_500, 8_750, 13_750]);
    expect(abortedAtMs).toEqual([]);
  });

  it('is told to stop at the end of its lease when no renewal succeeds', async () => {
    const { run, clock, abortedAtMs } = longDelivery(() => Promise.reject(down()));

    const response = run();
    await clock.advance(LEASE_MS);

    expect(await response).toEqual(listing('m-1'));
    expect(abortedAtMs).toEqual([LEASE_MS]);
  });

  it('is told to stop at the end of its lease when a renewal is never answered', async () => {
    const { run, clock, abortedAtMs } = longDelivery(() => new Promise(() => {}));

    const response = run();
    await clock.advance(LEASE_MS);

    expect(await response).toEqual(listing('m-1'));
    expect(abortedAtMs).toEqual([LEASE_MS]);
  });

  it('without an end is parked to the end of its renewed lease', async () => {
    const clock = fakeClock();
    const { handler, sqs } = makeHandler({
      clock,
      leaseMs: LEASE_MS,
      deliverTimeoutMs: 12_000,
      deliver: () => new Promise(() => {}),
    });

    const response = handler(sqsEvent(record()), lambdaContext(clock));
    await clock.advance(12_250);

    expect(await response).toEqual(listing('m-1'));
    // Renewed at 10 s, so until 20 s: 7.75 s after the end.
    expect(sqs.parked).toEqual([{ messageId: 'm-1', visibilitySeconds: 8 }]);
  });
});

it('a short delivery is not renewed', async () => {
  const { handler, limiter } = makeHandler();

  await handler(sqsEvent(record()));

  expect(limiter.renewals).toEqual([]);
});
