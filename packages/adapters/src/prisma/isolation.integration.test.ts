import { openTestPostgres, sharedService, type TestPostgres } from '@huntaze/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contend, eachOnce, messages } from './contention.fixture.ts';
import { readCommittedAfterConflict } from './postgres/read-committed.ts';
import { prismaFallbackStore } from './prisma-fallback-store.ts';
import { migration, prisma6For, prismaFor } from './prisma.fixture.ts';

let database: TestPostgres;
beforeAll(async () => {
  database = await openTestPostgres(await sharedService('postgres'));
  await database.sql(await migration('postgresql'));
});
afterAll(() => database.close());
beforeEach(() => database.sql('TRUNCATE "OnlyFansMessage"'));

function urlWith(isolation: string): string {
  const url = new URL(database.url);
  url.searchParams.set('options', `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`);
  return url.href;
}

const isolations = ['repeatable read', 'serializable'];
const makes = {
  'a client': (url: string) => {
    const prisma = prismaFor(url);
    return { prisma, store: prismaFallbackStore(prisma) };
  },
  'a client of Prisma 6': (url: string) => {
    const prisma = prisma6For(url);
    return { prisma, store: prismaFallbackStore(prisma) };
  },
  'a model': (url: string) => {
    const prisma = prismaFor(url);
    return { prisma, store: prismaFallbackStore(prisma.onlyFansMessage) };
  },
};

describe.each(
  isolations.flatMap((isolation) => Object.keys(makes).map((name) => [name, isolation] as const)),
)('with %s whose sessions are %s', (name, isolation) => {
  it('twelve replays at once take all messages, each once, and savers of the same get through', async () => {
    const { prisma, store } = makes[name as keyof typeof makes](urlWith(isolation));
    const [shown] = await prisma.$queryRawUnsafe<[object]>('SHOW default_transaction_isolation');
    expect(Object.values(shown)).toEqual([isolation]);
    expect(await contend(store)).toEqual(eachOnce());
    await prisma.$disconnect();
  });
});

describe('a statement that was in conflict', () => {
  it.each([
    ['7', prismaFor],
    ['6', prisma6For],
  ])('runs again at read committed, with Prisma %s', async (_, open) => {
    const prisma = open(urlWith('serializable'));
    const ask = readCommittedAfterConflict(prisma, (on) => on.$queryRawUnsafe('SHOW transaction_isolation'));
    const level = async () => Object.values(((await ask()) as readonly [object])[0]);
    expect([await level(), await level()]).toEqual([['serializable'], ['read committed']]);
    await prisma.$disconnect();
  });
});

describe('a conflict within a transaction of the host', () => {
  it('is told at once, for only the host can repeat the whole', async () => {
    const prisma = prismaFor(urlWith('repeatable read'));
    const store = prismaFallbackStore(prisma);
    await store.save(messages.slice(0, 1));
    const [claim] = await store.claim({ limit: 1, leaseMs: 1_000 });
    if (!claim) throw new Error('expected a claim, found none');

    const failing = prisma.$transaction(async (tx) => {
      await tx.$queryRawUnsafe('SELECT count(*)::int FROM "OnlyFansMessage"');
      await store.markFailed(claim, { error: 'other', retryAfterMs: 0 });
      await prismaFallbackStore(tx).markReplayed(claim);
    });

    await expect(failing).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('in a transaction of your own the whole transaction') as string,
    });
    expect(await store.counts()).toEqual({ pending: 1, dead: 0 });
    await prisma.$disconnect();
  });
});
