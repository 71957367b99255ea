import { RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import { makeHandler } from '../src/testing/make-handler.ts';
import { record, sqsEvent } from '../src/testing/records.ts';
import { granted, settled } from '../src/testing/scripted-limiter.ts';

type Overrides = Parameters<typeof makeHandler>[0];

/** What is measured of the calls of `deliver` for one message, if each of them takes 70 ms unless told otherwise. */
async function measuredOf(overrides: Overrides, deliver = (clock: FakeClock) => clock.sleep(70)) {
  const clock = fakeClock();
  const { handler, measured } = makeHandler({ clock, ...overrides, deliver: () => deliver(clock) });
  const response = handler(sqsEvent(record()));
  await clock.advance(60_250);
  await response;
  return measured.filter(({ name }) => name === 'DeliveryLatency').map(({ value }) => value);
}

it.each([
  ['that succeeds', (clock: FakeClock) => clock.sleep(70), 70],
  [
    'that fails',
    async (clock: FakeClock) => {
      await clock.sleep(40);
      throw new RetryAfterError({ retryAfterMs: 1_000 });
    },
    40,
  ],
  ['that never ends, until it is given up on', () => new Promise<void>(() => {}), 60_250],
])('a call of deliver %s is measured', async (_, deliver, latencyMs) => {
  expect(await measuredOf({}, deliver)).toEqual([latencyMs]);
});

it.each<[string, Overrides]>([
  ['is settled', { admissions: [settled()] }],
  ['has no attempt left', { admissions: [granted(6)] }],
])('a message that %s is not delivered, and nothing is measured', async (_, overrides) => {
  expect(await measuredOf(overrides)).toEqual([]);
});
