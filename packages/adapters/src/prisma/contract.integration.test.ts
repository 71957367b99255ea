import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeClock, fallbackStoreContract } from '@huntaze/rate-limiter-client/testing';
import { postgresForTests } from '@huntaze/testkit';
import { afterAll, describe, it } from 'vitest';
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
  await Promise.all([prisma, custom, prisma6].map((client) => client.$disconnect()));
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

describe('the Prisma store on a model of PostgreSQL:', () => {
  const make = async () => {
    await database.sql('TRUNCATE "OnlyFansMessage"');
    const clock = fakeClock(Date.UTC(2026, 5, 1));
    return {
      store: prismaFallbackStore(prisma.onlyFansMessage, { clock }),
      nowMs: clock.nowMs,
      elapse: clock.advance,
    };
  };
  it.each(fallbackStoreContract({ make, volume: 500 }))('$name', ({ run }) => run());
});

describe('the Prisma store on a model of SQLite:', () => {
  let files = 0;
  const make = async () => {
    const clock = fakeClock(Date.UTC(2026, 5, 1));
    const sqlite = await sqlitePrisma(join(folder, `${files++}.db`));
    return {
      store: prismaFallbackStore(sqlite.onlyFansMessage, { clock }),
      nowMs: clock.nowMs,
      elapse: clock.advance,
      close: () => sqlite.$disconnect(),
    };
  };
  it.each(fallbackStoreContract({ make, volume: 500 }))('$name', ({ run }) => run());
});
