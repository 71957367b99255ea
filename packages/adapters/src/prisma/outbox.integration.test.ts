import { inspect } from 'node:util';
import { postgresForTests } from '@huntaze/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { prismaFallbackStore } from './prisma-fallback-store.ts';
import { migration, prismaFor } from './prisma.fixture.ts';

const database = await postgresForTests();
const prisma = prismaFor(database.url);
await database.sql(`${await migration('postgresql')}; CREATE TABLE "order" (id int)`);
beforeEach(() => database.sql('TRUNCATE "OnlyFansMessage", "order"'));
afterAll(() => prisma.$disconnect());

const message = { id: 'm-1', key: 'account-1', body: '{}', storedAtMs: 1_700_000_000_000, error: '' };

describe('a message stored in the host’s own transaction', () => {
  const order = async (commit: boolean) =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe('INSERT INTO "order" VALUES (1)');
      await prismaFallbackStore(tx).save([message]);
      expect(await prismaFallbackStore(prisma).claim({ limit: 1, leaseMs: 1_000 })).toEqual([]);
      if (!commit) throw new Error('out of stock');
    });

  it('is there once the transaction has committed, and not before', async () => {
    await order(true);
    expect(await prismaFallbackStore(prisma).claim({ limit: 1, leaseMs: 1_000 })).toMatchObject([
      { message },
    ]);
  });

  it('is not there when the transaction is rolled back', async () => {
    await expect(order(false)).rejects.toThrow('out of stock');
    expect(await prismaFallbackStore(prisma).counts()).toEqual({ pending: 0, dead: 0 });
  });

  it('is stored once when the transaction is repeated', async () => {
    await order(true);
    await prisma.$transaction((tx) => prismaFallbackStore(tx).save([message]));
    expect(await prismaFallbackStore(prisma).counts()).toEqual({ pending: 1, dead: 0 });
  });
});

describe('the errors of the store', () => {
  const secret = 'canary-7f3a';
  const failures = {
    'a body that PostgreSQL refuses': () =>
      prismaFallbackStore(prisma).save([{ ...message, body: `${secret}\0` }]),
    'a table that is not there': () =>
      prismaFallbackStore(prisma, { table: 'none' }).save([{ ...message, body: secret }]),
    'a column of another type': () =>
      prismaFallbackStore(prisma, { columns: { body: 'attempts', attempts: 'body' } }).save([
        { ...message, body: secret },
      ]),
    'an instant that no database has': () =>
      prismaFallbackStore(prisma).save([{ ...message, body: secret, storedAtMs: Number.NaN }]),
    'a model that refuses a body': () =>
      prismaFallbackStore(prisma.onlyFansMessage).save([{ ...message, body: `${secret}\0` }]),
    'a model that is asked for nonsense': () =>
      prismaFallbackStore(prisma.onlyFansMessage).save([
        { ...message, body: { secret } as unknown as string },
      ]),
  };

  it.each(Object.entries(failures))('say nothing of a body: %s', async (_, fail) => {
    const error = await fail().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
  });

  it('say what the database said, by its code', async () => {
    const failing = prismaFallbackStore(prisma, { table: 'none' }).counts();
    await expect(failing).rejects.toThrow(/found PrismaClientKnownRequestError P2010.*42P01.*: check that/);
  });

  it('never come from an error text that PostgreSQL would refuse', async () => {
    const store = prismaFallbackStore(prisma);
    await store.save([{ ...message, error: 'nul \0, half \uD800' }]);
    const [claim] = await store.claim({ limit: 1, leaseMs: 1_000 });
    expect(claim?.message.error).toBe('nul \uFFFD, half \uFFFD');
  });
});
