import { RetryAfterError } from '@huntaze/rate-limiter-client/contract';
import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { memoryLimiter } from '../limiter/memory/memory-limiter.ts';
import type { LimiterOperations, MessageState } from '../limiter/operations.ts';
import { slidingWindow } from '../limiter/limits/limit.ts';
import { makeHandler } from '../testing/make-handler.ts';
import { ENQUEUED_AT_MS, listing, record, sqsEvent } from '../testing/records.ts';
import { granted, scriptedLimiter, wait, type ScriptedAnswer } from '../testing/scripted-limiter.ts';

const HOUR_MS = 3_600_000;
const beyond = wait(ENQUEUED_AT_MS + HOUR_MS);

/** A handler whose queue keeps messages for an hour, and whose limiter is also asked where they stand. */
function makeAsking(find: LimiterOperations['find'], answer: ScriptedAnswer = beyond) {
  const clock = fakeClock();
  const asked: string[] = [];
  const limiter = {
    ...scriptedLimiter({ admissions: [answer], nowMs: clock.nowMs }),
    find: (key: string, id: string) => {
      asked.push(`${key} ${id}`);
      return find(key, id);
    },
  };
  const made = makeHandler({
    clock,
    limiter,
    retentionMs: HOUR_MS,
    deliver: () => {
      throw new RetryAfterError({ retryAfterMs: HOUR_MS });
    },
  });
  return { ...made, asked };
}

const attemptsIn = ({ sqs }: Pick<ReturnType<typeof makeHandler>, 'sqs'>) =>
  sqs.deadLetters.map(({ attributes }) => attributes['attempts']);

describe('the dead letter of a message that would wait beyond the retention of its queue', () => {
  it('tells the attempts that were made before', async () => {
    const clock = fakeClock();
    const made = makeHandler({
      clock,
      limiter: memoryLimiter({ clock }),
      limits: [slidingWindow({ limit: 1, windowMs: HOUR_MS })],
      retentionMs: HOUR_MS,
      deliver: () => {
        throw new Error('bad gateway');
      },
    });
    expect(await made.handler(sqsEvent(record()))).toEqual(listing('m-1'));
    await clock.advance(1_000);

    expect(await made.handler(sqsEvent(record()))).toEqual(listing());

    expect(attemptsIn(made)).toEqual(['1']);
  });

  it.each<[MessageState, string]>([
    [{ state: 'waiting', attempts: 2, position: 0, dueAtMs: 0 }, '2'],
    [{ state: 'waiting', attempts: 6, position: 0, dueAtMs: 0 }, '5'],
    [{ state: 'retrying', attempts: 3, retryAtMs: 0 }, '3'],
    [{ state: 'delivering', attempt: 4, leaseUntilMs: 0 }, '4'],
    [{ state: 'unknown' }, '0'],
  ])('tells, where the limiter says %o, of %s', async (whereabouts, attempts) => {
    const made = makeAsking(async () => whereabouts);

    await made.handler(sqsEvent(record()));

    expect(made.asked).toEqual(['account-1 m-1']);
    expect(attemptsIn(made)).toEqual([attempts]);
    expect(made.logs[0]).toMatchObject({ level: 'error', fields: { attempts: Number(attempts) } });
  });

  it('tells of none when the limiter fails, and that this is not known', async () => {
    const made = makeAsking(() => Promise.reject(new Error('no answer')));

    expect(await made.handler(sqsEvent(record()))).toEqual(listing());

    expect(attemptsIn(made)).toEqual(['0']);
    expect(made.logs[0]).toEqual({
      level: 'warn',
      fields: { messageId: 'm-1', error: 'Error' },
      message: 'the attempts of a message are not known: its dead letter says 0',
    });
  });

  it('waits for the limiter no longer than for any other answer', async () => {
    const made = makeAsking(() => new Promise(() => {}));

    const response = made.handler(sqsEvent(record()));
    await made.clock.advance(5_000);

    expect(await response).toEqual(listing());
    expect(attemptsIn(made)).toEqual(['0']);
  });

  it('needs no question after an upstream asked for silence: that was no attempt, those before were', async () => {
    const made = makeAsking(async () => ({ state: 'unknown' }), granted(3));

    await made.handler(sqsEvent(record()));

    expect(made.asked).toEqual([]);
    expect(attemptsIn(made)).toEqual(['2']);
  });

  it('needs no question while the limiter is unavailable: nobody can say', async () => {
    const made = makeAsking(async () => ({ state: 'unknown' }), new Error('no answer'));

    await made.handler(sqsEvent(record({ sentAtMs: ENQUEUED_AT_MS - HOUR_MS })));

    expect(made.asked).toEqual([]);
    expect(attemptsIn(made)).toEqual(['0']);
  });
});

it('a message that waits within the retention of its queue is not asked about again', async () => {
  const made = makeAsking(async () => ({ state: 'unknown' }), wait(ENQUEUED_AT_MS + HOUR_MS / 2));

  expect(await made.handler(sqsEvent(record()))).toEqual(listing('m-1'));

  expect(made.asked).toEqual([]);
});
