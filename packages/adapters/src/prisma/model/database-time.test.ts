import { fakeClock } from '@huntaze/rate-limiter-client/testing';
import { expect, it } from 'vitest';
import { askThrough } from '../rows/asking.ts';
import { databaseTime } from './database-time.ts';

const refused = Object.assign(new Error('syntax error'), { code: 'P2010' });

/** The time of a database that understands questions with these words. */
function makeTime(understands: string, error: Error = refused) {
  const clock = fakeClock();
  const asked: string[] = [];
  const client = {
    $queryRawUnsafe: async (query: string) => {
      asked.push(query);
      if (!query.includes(understands)) throw error;
      return [{ nowMs: '1700000000000.75' }];
    },
  };
  const ask = askThrough(client, { clock, random: { next: () => 1 } });
  return { time: databaseTime(client, ask, clock), asked, clock };
}

it.each([
  ['clock_timestamp', 1],
  ['UNIX_TIMESTAMP', 2],
  ['julianday', 3],
])('is asked for in the words of the database, which are found once: %s', async (words, questions) => {
  const { time, asked } = makeTime(words);
  expect([await time(), await time()]).toEqual([1_700_000_000_000, 1_700_000_000_000]);
  expect(asked).toHaveLength(questions + 1);
});

it('is the host’s clock where the database understands no question, and where nothing can be asked', async () => {
  const { time, clock } = makeTime('no words');
  expect(await time()).toBe(clock.nowMs());
  const ask = askThrough(undefined, { clock, random: { next: () => 1 } });
  expect(await databaseTime(undefined, ask, clock)()).toBe(clock.nowMs());
});

it('is not guessed when the database does not answer', async () => {
  const { time } = makeTime('no words', Object.assign(new Error('gone'), { code: 'P1001' }));
  await expect(time()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
});
