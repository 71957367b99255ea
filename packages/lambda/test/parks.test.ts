import { PermanentError, RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock, type FakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import type { HandlerEvent } from '../src/telemetry/handler-events.ts';
import { makeHandler } from '../src/testing/make-handler.ts';
import { lambdaContext, record, sqsEvent } from '../src/testing/records.ts';
import { busy, scriptedLimiter, takenOver, wait } from '../src/testing/scripted-limiter.ts';

type Overrides = Parameters<typeof makeHandler>[0];
type Situation = Overrides | ((clock: FakeClock) => Overrides);

/** Lets a handler see one message for the last time, and tells what it says of it. */
async function leave(situation: Situation, remainingMs = 30_000) {
  const clock = fakeClock();
  const startMs = clock.nowMs();
  const events: HandlerEvent[] = [];
  const { handler, measured, sqs } = makeHandler({
    clock,
    onEvent: (event) => events.push(event),
    ...(typeof situation === 'function' ? situation(clock) : situation),
  });
  const response = handler(sqsEvent(record()), lambdaContext(clock, remainingMs));
  await clock.advance(remainingMs);
  await response;
  return {
    hidden: sqs.parked.length,
    counted: measured.filter(({ name }) => name === 'ParkedMessages').map(({ value }) => value),
    dueInMs: events.flatMap((event) => (event.kind === 'parked' ? [event.dueAtMs - startMs] : [])),
  };
}

const refusedLetters = {
  bury() {
    throw new Error('no such queue');
  },
};
const slowLimiter = (clock: FakeClock, tookMs: number) => {
  const limiter = scriptedLimiter({ nowMs: clock.nowMs });
  return {
    ...limiter,
    admit: (...asked: Parameters<typeof limiter.admit>) =>
      clock.sleep(tookMs).then(() => limiter.admit(...asked)),
  };
};
const fails = (error: unknown) => async () => {
  throw error;
};

it.each<[string, Situation, number, number?]>([
  ['waits for its place', { admissions: (nowMs) => [wait(nowMs + 60_000)] }, 60_000],
  ['is another worker’s', { admissions: (nowMs) => [busy(nowMs + 60_000)] }, 60_000],
  ['failed', { deliver: fails(new Error('bad gateway')) }, 500],
  ['met silence', { deliver: fails(new RetryAfterError({ retryAfterMs: 7_000 })) }, 7_000],
  ['the limiter said nothing of', { admissions: [new Error('no answer')] }, 3_750],
  ['has no dead letter yet', { deliver: fails(new PermanentError('no')), sqsFaults: refusedLetters }, 30_000],
  [
    'would outlast its queue, and has no dead letter yet',
    { admissions: (nowMs) => [wait(nowMs + 60_000)], retentionMs: 60_000, sqsFaults: refusedLetters },
    30_000,
  ],
  [
    'may have been delivered, and has no dead letter yet',
    { admissions: [takenOver(2)], delivery: 'at-most-once', sqsFaults: refusedLetters },
    60_000,
  ],
  ['did not end in time', { deliver: () => new Promise(() => {}) }, 60_000, 2_000],
  ['there was no time to ask about', {}, 0, 400],
  [
    'there was no time to deliver',
    (clock) => ({ limiter: slowLimiter(clock, 1_601), marginMs: 400 }),
    1_601,
    2_500,
  ],
])('a message that %s is hidden, counted and told of, once', async (_, situation, dueInMs, remainingMs) => {
  expect(await leave(situation, remainingMs)).toEqual({ hidden: 1, counted: [1], dueInMs: [dueInMs] });
});
