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
  it('is measured of a parked one that wakes late', async () => {
    const { handler, clock, measured } = await parkedForAMinute();

    await clock.advance(63_210);
    await handler(sqsEvent(record({ receives: 2 })));

    expect(dueTimeErrors(measured)).toEqual([3_210]);
  });

  it('is measured once: of a parked one that wakes early, by the due time that it is told then', async () => {
    const { handler, clock, measured } = await parkedForAMinute(60_000);

    await clock.advance(59_000);
    const response = handler(sqsEvent(record({ receives: 2 })), lambdaContext(clock));
    await clock.advance(1_000);
    await response;

    expect(dueTimeErrors(measured)).toEqual([0]);
  });

  it('is 0 of one that is admitted before its due time', async () => {
    const { handler, clock, measured } = await parkedForAMinute();

    await clock.advance(30_000);
    await handler(sqsEvent(record({ receives: 2 })));

    expect(dueTimeErrors(measured)).toEqual([0]);
  });

  it('is not known where another process met the message in between', async () => {
    const { handler, clock, measured } = await parkedForAMinute();

    await clock.advance(120_000);
    await handler(sqsEvent(record({ receives: 3 })));

    expect(dueTimeErrors(measured)).toEqual([]);
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
