import { redisForTests } from '@huntaze/testkit';
import { expect, it } from 'vitest';
import { accounts } from './accounts.ts';
import { fill, heldBy } from './fill.ts';

const { redis, prefix } = await redisForTests();

/** As docs/benchmarks.md states it, measured on Redis 7.0. */
const statedBytes = {
  '10 per minute, 10,000 wait': 283,
  '10,000 per window, all delivered and remembered': 222,
  'the same, window of sub-buckets': 93,
  '1,000 per minute, 100 wait that cost 1,000 each': 135_699,
};

/** Servers differ in how they keep what they hold. */
const TOLERANCE = 1.05;

it.each(Object.entries(statedBytes))(
  'an account takes no more bytes per message in Redis than stated: %s',
  async (name, stated) => {
    const own = `${prefix}${name}`;
    const account = accounts.find((one) => one.name === name)!;
    await fill(redis, own, account);
    const bytesPerMessage = (await heldBy(redis, own)) / (account.delivered + account.waiting);
    expect(bytesPerMessage).toBeLessThanOrEqual(TOLERANCE * stated);
  },
);
