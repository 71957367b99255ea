import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import { fallbackStoreContract } from '@huntaze/rate-limiter-client/testing';
import { postgresForTests } from '@huntaze/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { prismaFallbackStore } from './prisma-fallback-store.ts';
import {
  customPrismaFor,
  databaseNowMs,
  elapse,
  migration,
  prisma6For,
  prismaFor,
  sqlitePrisma,
} from './prisma.fixture.ts';

const database = await postgresForTests();
const prisma = prismaFor(database.url);
const custom = customPrismaFor(database.url);
const prisma6 = prisma6For(database.url);
const folder = await mkdtemp(join(tmpdir(), 'huntaze-sqlite-'));
await database.sql(await migration('postgresql'));

afterAll(async () => {
  await Promise.all([prisma, custom, prisma6, abroad, omitting].map((client) => client.$disconnect()));
  await rm(folder, { recursive: true });
});

const onDatabaseTime = {
  nowMs: () => databaseNowMs(database),
  elapse: (ms: number) => elapse(database, ms),
};

const clients = {
  'a client': prisma,
  'an extended client': prisma.$extends({
    query: { $allOperations: async ({ args, query }) => (await query(args)) as unknown },
  }),
  'a client of the older generator in a folder of its own': custom,
  'a client of Prisma 6': prisma6,
};

describe.each(Object.entries(clients))('the Prisma store on %s of PostgreSQL:', (name, client) => {
  // One of them meets the flood in full; their SQL is the same.
  const volume = name === 'a client' ? 10_000 : 1_000;
  const make = async () => {
    await database.sql('TRUNCATE "OnlyFansMessage"');
    return { store: prismaFallbackStore(client), ...onDatabaseTime };
  };
  it.each(fallbackStoreContract({ make, volume }))('$name', ({ run }) => run());
});

/** The wall clock of a host that is wrong by so much; the database's counts. */
const skewed = (aheadMs: number): Clock => ({ ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs });

const zones = new URL(database.url);
zones.searchParams.set('options', '-c TimeZone=Asia/Kolkata');
const abroad = prismaFor(zones.href);
const omitting = prismaFor(database.url, { onlyFansMessage: { body: true, lastError: true, dueAtMs: true } });

const models = {
  'a model': prisma.onlyFansMessage,
  'a model of an extended client': clients['an extended client'].onlyFansMessage,
  'a model of Prisma 6': prisma6.onlyFansMessage,
  'a model of a client that omits columns': omitting.onlyFansMessage,
  'a model in a session of another time zone': abroad.onlyFansMessage,
};

describe.each(Object.entries(models))('the Prisma store on %s of PostgreSQL:', (_, model) => {
  const make = async () => {
    await database.sql('TRUNCATE "OnlyFansMessage"');
    const seenFrom = ({ aheadMs }: { readonly aheadMs: number }) =>
      prismaFallbackStore(model, { clock: skewed(aheadMs) });
    return { store: seenFrom({ aheadMs: 0 }), seenFrom, ...onDatabaseTime };
  };
  it.each(fallbackStoreContract({ make, volume: 500 }))('$name', ({ run }) => run());
});

describe('a model and a client of PostgreSQL', () => {
  it('agree on every instant, whatever the time zones of their sessions', async () => {
    const stores = [prismaFallbackStore(abroad.onlyFansMessage), prismaFallbackStore(prisma)] as const;
    for (const [one, other] of [stores, stores.toReversed()]) {
      await database.sql('TRUNCATE "OnlyFansMessage"');
      const storedAtMs = Date.UTC(2026, 0, 1);
      await one?.save([{ id: 'm-1', key: 'k', body: '{}', storedAtMs, error: 'down' }]);
      const [claim] = (await other?.claim({ limit: 1, leaseMs: 60_000 })) ?? [];
      expect(claim?.message.storedAtMs).toBe(storedAtMs);
      expect(await one?.claim({ limit: 1, leaseMs: 60_000 })).toEqual([]);
      await elapse(database, 60_001);
      expect(await one?.claim({ limit: 1, leaseMs: 60_000 })).toHaveLength(1);
    }
  });
});

describe('the Prisma store on a model of SQLite:', () => {
  let files = 0;
  const make = async () => {
    const sqlite = await sqlitePrisma(join(folder, `${files++}.db`));
    const seenFrom = ({ aheadMs }: { readonly aheadMs: number }) =>
      prismaFallbackStore(sqlite.onlyFansMessage, { clock: skewed(aheadMs) });
    return {
      store: seenFrom({ aheadMs: 0 }),
      seenFrom,
      nowMs: systemClock.nowMs,
      elapse: async (ms: number) =>
        void (await sqlite.$executeRawUnsafe(`UPDATE "OnlyFansMessage" SET "dueAtMs" = "dueAtMs" - ${ms}`)),
      close: () => sqlite.$disconnect(),
    };
  };
  it.each(fallbackStoreContract({ make, volume: 500 }))('$name', ({ run }) => run());
});
