import { slidingWindow } from '@huntaze/rate-limiter-lambda';
import { openTestPostgres, sharedService, type TestPostgres } from '@huntaze/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prismaFor } from '../prisma.fixture.ts';
import { prismaLimiter, type PrismaLimiterOptions } from './index.ts';
import { limiterMigration } from './limiter.fixture.ts';

let database: TestPostgres;
beforeEach(async () => {
  database = await openTestPostgres(await sharedService('postgres'));
});
afterEach(() => database.close());

/** Claims a message and settles it. @returns what is told of it after that. */
async function delivered(url: string, options?: PrismaLimiterOptions) {
  const prisma = prismaFor(url);
  const limiter = prismaLimiter(prisma, { coldStart: 'full', ...options });
  const limits = [slidingWindow({ limit: 1, windowMs: 60_000 })];
  const question = { key: 'account-1', limits, marginMs: 0 };
  const ask = () =>
    limiter.admit({ ...question, leaseMs: 60_000, candidates: [{ id: 'm-1', priority: 'medium' }] });
  try {
    const [admission] = await ask();
    if (admission?.kind !== 'granted') throw new Error(`expected a claim, found ${admission?.kind}`);
    const { id, token } = admission.claim;
    await limiter.settle({ ...question, settlements: [{ id, token, outcome: 'delivered' }] });
    return await ask();
  } finally {
    await prisma.$disconnect();
  }
}

const works = [{ kind: 'settled', outcome: 'delivered' }];

describe('the migration', () => {
  it('makes the tables that the schema fragment describes', async () => {
    await database.sql(await limiterMigration());

    const prisma = prismaFor(database.url);
    const expiresAtMs = 1_700_000_000_000n;
    const key = { key: 'k', version: 'v', state: 's', expiresAtMs: null };
    const message = { key: 'k', id: 'm', text: 't', expiresAtMs };
    await prisma.rateLimiterKey.create({ data: key });
    await prisma.rateLimiterMessage.create({ data: message });
    expect(await prisma.rateLimiterKey.findMany()).toEqual([key]);
    expect(await prisma.rateLimiterMessage.findMany()).toEqual([message]);
    await prisma.$disconnect();
    const indexes = await database.sql(
      `SELECT indexname AS name FROM pg_indexes WHERE tablename LIKE 'rate_limiter_%' ORDER BY 1`,
    );
    expect(indexes.map(({ name }) => name)).toEqual([
      'rate_limiter_keys_expires_at_ms_idx',
      'rate_limiter_keys_pkey',
      'rate_limiter_messages_expires_at_ms_idx',
      'rate_limiter_messages_pkey',
    ]);
  });

  it('may be changed to other names, which the limiter is told', async () => {
    const renamed = (await limiterMigration())
      .replaceAll(/(TABLE|ON) "rate_limiter_keys"/g, '$1 limits."the ""keys"""')
      .replaceAll(/(TABLE|ON) "rate_limiter_messages"/g, '$1 limits."Messages"');
    await database.sql(`CREATE SCHEMA limits; ${renamed}`);

    const names = { schema: 'limits', keyTable: 'the "keys"', messageTable: 'Messages' };
    expect(await delivered(database.url, names)).toEqual(works);
  });
});

describe('the grants in the README', () => {
  it('are enough', async () => {
    await database.sql(await limiterMigration());
    const role = `host_${database.url.slice(-12)}`;
    await database.sql(
      `CREATE ROLE ${role} LOGIN PASSWORD 'secret';
       GRANT SELECT, INSERT, UPDATE, DELETE ON rate_limiter_keys, rate_limiter_messages TO ${role}`,
    );
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'secret'];

    expect(await delivered(url.href)).toEqual(works);
    expect(await delivered(url.href, { upstream: 'new', coldStart: 'full' })).toEqual(works);

    await database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});

describe('without the migration', () => {
  it('the error says what is missing', async () => {
    await expect(delivered(database.url)).rejects.toMatchObject({
      code: 'LIMITER_UNAVAILABLE',
      message: expect.stringContaining(
        '42P01: check that it is reachable, that the migration was applied',
      ) as string,
    });
  });
});
