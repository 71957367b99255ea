import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { describe, expect, it } from 'vitest';
import { askThrough } from './asking.ts';

const failure = (fields: object) =>
  Object.assign(new Error('no'), { name: 'PrismaClientKnownRequestError', ...fields });

const refusals = {
  'Prisma’s own': { code: 'P2034' },
  'a serialization failure of a raw query': { code: 'P2010', meta: { code: '40001' } },
  'a deadlock as the driver told it': {
    code: 'P2010',
    meta: { driverAdapterError: { cause: { kind: 'postgres', originalCode: '40P01' } } },
  },
  'a conflict that the driver’s adapter names without a code': {
    code: 'P2010',
    meta: { driverAdapterError: { cause: { kind: 'TransactionWriteConflict' } } },
  },
  'a lock that PostgreSQL’s lock_timeout gave up': { code: 'P2010', meta: { code: '55P03' } },
  'a deadlock of MySQL in a raw query': { code: 'P2010', meta: { code: '1213' } },
  'a lock that MySQL gave up': {
    code: 'P2039',
    meta: { driverAdapterError: { cause: { kind: 'mysql', originalCode: '1205' } } },
  },
  'a transaction that no connection was free for': {
    code: 'P2028',
    message: 'Transaction API error: Unable to start a transaction in the given time.',
  },
  'a row of MariaDB that changed since it was read': {
    code: 'P2039',
    meta: { driverAdapterError: { cause: { kind: 'mysql', originalCode: '1020' } } },
  },
};

/** A question that fails so often, on a client with or without connections of its own. */
function makeQuestion(error: Error, times: number, client: object = { $connect: () => {} }) {
  const clock = fakeClock();
  let asked = 0;
  const ask = askThrough(client, { clock, random: { next: () => 1 } });
  const answer = ask('to answer', async () => {
    if (asked++ < times) throw error;
    return 'answer';
  });
  return { clock, answer: answer.catch((thrown: unknown) => thrown), asked: () => asked };
}

describe('a conflict', () => {
  it.each(Object.entries(refusals))('is waited out: %s', async (_, fields) => {
    const { clock, answer, asked } = makeQuestion(failure(fields), 2);
    await clock.advance(24);
    expect(asked()).toBe(1);
    await clock.advance(51);
    expect(await answer).toBe('answer');
  });

  it('that lasts fails the call after three seconds', async () => {
    const { clock, answer, asked } = makeQuestion(failure({ code: 'P2034' }), 100);
    await clock.advance(4_000);
    expect(await answer).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message:
        'expected the database to answer, found PrismaClientKnownRequestError P2034: repeat it, in a transaction of your own the whole transaction',
    });
    expect(asked()).toBe(33);
  });

  it('that took longer than that to be told is not waited for again', async () => {
    const clock = fakeClock();
    let asked = 0;
    const ask = askThrough({ $connect: () => {} }, { clock, random: { next: () => 1 } });
    const answer = ask('to answer', async () => {
      asked++;
      await clock.sleep(50_000);
      throw failure({ code: 'P2039', meta: { code: '1205' } });
    }).catch((thrown: unknown) => thrown);
    await clock.advance(60_000);
    expect(await answer).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(asked).toBe(1);
  });

  it('is told at once within a transaction, whose client has no connections of its own', async () => {
    const { answer, asked } = makeQuestion(failure({ code: 'P2034' }), 100, {});
    expect(await answer).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(asked()).toBe(1);
  });
});

it.each([
  ['a connection that broke, perhaps after the commit', { code: 'P1017' }],
  ['a transaction that ended too early', { code: 'P2028', message: 'Transaction already closed' }],
  ['a completion that is unknown', { code: 'P2010', meta: { code: '40003' } }],
])('%s is not repeated', async (_, fields) => {
  const { answer, asked } = makeQuestion(failure(fields), 100);
  expect(await answer).toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(asked()).toBe(1);
});
