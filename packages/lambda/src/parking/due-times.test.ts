import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { makeHandler } from '../testing/make-handler.ts';
import { lambdaContext, record, records, sqsEvent } from '../testing/records.ts';
import { busy, granted, wait } from '../testing/scripted-limiter.ts';
import { openDueTimes } from './due-times.ts';

const dueTimeErrors = (measured: readonly { name: string; value: number }[]) =>
  measured.filter(({ name }) => name === 'DueTimeError').map(({ value }) => value);

/** A handler that parks `m-1` for a minute, and whatever the script says afterwards. */
async function parkedForAMinute(...later: readonly Parameters<typeof wait>[0][]) {
  const clock = fakeClock();
  const startMs = clock.nowMs();
  const made = makeHandler({
    clock,
    admissions: [wait(startMs + 60_000), ...later.map((ms) => wait(startMs + ms))],
  });
  await made.handler(sqsEvent(record()));
  return { ...made, clock };
}

describe('how late a message is admitted', () => {
  it.each([
    { of: 'is measured of a parked one that wakes late', afterMs: 63_210, receives: 2, errors: [3_210] },
    { of: 'is 0 of one that is admitted before its due time', afterMs: 30_000, receives: 2, errors: [0] },
    { of: 'is not known where another process met it in between', afterMs: 120_000, receives: 3, errors: [] },
  ])('$of', async ({ afterMs, receives, errors }) => {
    const { handler, clock, measured } = await parkedForAMinute();

    await clock.advance(afterMs);
    await handler(sqsEvent(record({ receives })));

    expect(dueTimeErrors(measured)).toEqual(errors);
  });

  it('is measured once: of a parked one that wakes early, by the due time that it is told then', async () => {
    const { handler, clock, measured } = await parkedForAMinute(60_000);

    await clock.advance(59_000);
    const response = handler(sqsEvent(record({ receives: 2 })), lambdaContext(clock));
    await clock.advance(1_000);
    await response;

    expect(dueTimeErrors(measured)).toEqual([0]);
  });

  it('is no matter of messages that were told no due time', async () => {
    const clock = fakeClock();
    const { handler, measured } = makeHandler({ clock, admissions: [granted(), busy(clock.nowMs() + 500)] });

    const response = handler(sqsEvent(...records(2)), lambdaContext(clock));
    await clock.advance(600);
    await response;

    expect(dueTimeErrors(measured)).toEqual([]);
  });
});

it('due times are noted of so many messages at most: the oldest is forgotten', () => {
  const dueTimes = openDueTimes(2);
  for (const messageId of ['a', 'b', 'a', 'c']) dueTimes.note(record({ messageId }), 1);

  expect(['a', 'b', 'c'].map((messageId) => dueTimes.take(record({ messageId })))).toEqual([1, undefined, 1]);
});
