import { openTestPostgres, sharedService } from '@huntaze/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestPostgres } from '@huntaze/testkit';
import { prismaFallbackStore, type PrismaTableOptions } from './prisma-fallback-store.ts';
import { migration, prismaFor } from './prisma.fixture.ts';

const message = { id: 'm-1', key: 'account-1', body: '{}', storedAtMs: 1_700_000_000_000, error: 'down' };

let database: TestPostgres;
beforeEach(async () => {
  database = await openTestPostgres(await sharedService('postgres'));
});
afterEach(() => database.close());

async function stored(options?: PrismaTableOptions) {
  const prisma = prismaFor(database.url);
  const store = prismaFallbackStore(prisma, options);
  await store.save([message]);
  const [claim] = await store.claim({ limit: 10, leaseMs: 1_000 });
  const settled = claim && (await store.markReplayed(claim));
  const counts = await store.counts();
  await prisma.$disconnect();
  return { claimed: claim?.message, settled, counts };
}

const works = { claimed: message, settled: true, counts: { pending: 0, dead: 0 } };

describe('the migration', () => {
  it('makes the table that the schema fragment describes', async () => {
    await database.sql(await migration('postgresql'));

    const columns = await database.sql(
      `SELECT column_name AS name, data_type AS type, is_nullable AS nullable,
         column_default AS preset
       FROM information_schema.columns WHERE table_name = 'OnlyFansMessage' ORDER BY ordinal_position`,
    );
    const indexes = await database.sql(
      `SELECT indexname AS name FROM pg_indexes WHERE tablename = 'OnlyFansMessage' ORDER BY 1`,
    );

    const text = (name: string) => ({ name, type: 'text', nullable: 'YES', preset: null });
    const instant = (name: string) => ({
      name,
      type: 'bigint',
      nullable: 'YES',
      preset: null,
    });
    expect(columns).toEqual([
      { ...text('id'), nullable: 'NO' },
      text('body'),
      instant('storedAtMs'),
      instant('dueAtMs'),
      instant('deadAtMs'),
      { name: 'attempts', type: 'integer', nullable: 'NO', preset: '0' },
      text('claimToken'),
      text('lastError'),
    ]);
    expect(indexes.map(({ name }) => name)).toEqual([
      'OnlyFansMessage_deadAtMs_idx',
      'OnlyFansMessage_dueAtMs_idx',
      'OnlyFansMessage_pkey',
    ]);
    // What Prisma itself reads and writes by the fragment fits the table.
    const prisma = prismaFor(database.url);
    await prisma.onlyFansMessage.create({ data: { id: 'account-2 m-2', lastError: '' } });
    expect(await prisma.onlyFansMessage.count()).toBe(1);
    await prisma.$disconnect();
  });

  it('keeps the rows of a table that has the name already, and the store leaves them alone', async () => {
    await database.sql(
      `CREATE TABLE "OnlyFansMessage" ("id" TEXT PRIMARY KEY, "text" TEXT, "sentAt" TIMESTAMP(3) DEFAULT now());
       INSERT INTO "OnlyFansMessage" SELECT 'own-' || n, 'text ' || n FROM generate_series(1, 1000) AS n`,
    );
    const before = await database.sql('SELECT "id", "text", "sentAt" FROM "OnlyFansMessage" ORDER BY "id"');

    await database.sql(await migration('postgresql'));

    expect(await stored()).toEqual(works);
    expect(await database.sql('SELECT "id", "text", "sentAt" FROM "OnlyFansMessage" ORDER BY "id"')).toEqual(
      before,
    );
  });

  it('changes nothing when a column of the name is there already', async () => {
    await database.sql('CREATE TABLE "OnlyFansMessage" ("id" TEXT PRIMARY KEY, "body" INTEGER)');

    await expect(database.sql(await migration('postgresql'))).rejects.toThrow(/"body".*already exists/);

    const columns = await database.sql(
      `SELECT column_name FROM information_schema.columns WHERE table_name = 'OnlyFansMessage'`,
    );
    expect(columns).toHaveLength(2);
  });

  it('may be changed to other names, which the store is told', async () => {
    const renamed = (await migration('postgresql'))
      .replaceAll('"OnlyFansMessage"', 'outbox."waiting ""room"""')
      .replaceAll('"dueAtMs"', '"due_at"')
      .replaceAll('"body"', '"Envelope"');
    await database.sql(`CREATE SCHEMA outbox; ${renamed}`);

    const columns = { dueAtMs: 'due_at', body: 'Envelope' };
    expect(await stored({ schema: 'outbox', table: 'waiting "room"', columns })).toEqual(works);
  });
});

describe('the grants in the README', () => {
  it('are enough', async () => {
    await database.sql(await migration('postgresql'));
    const role = `host_${database.url.slice(-12)}`;
    await database.sql(
      `CREATE ROLE ${role} LOGIN PASSWORD 'secret';
       GRANT SELECT, INSERT, UPDATE, DELETE ON "OnlyFansMessage" TO ${role}`,
    );
    const url = new URL(database.url);
    [url.username, url.password] = [role, 'secret'];
    const prisma = prismaFor(url.href);
    const store = prismaFallbackStore(prisma);

    await store.save([message]);
    const [claim] = await store.claim({ limit: 1, leaseMs: 1_000 });

    expect(claim && (await store.markFailed(claim, { error: 'no', dead: true }))).toBe(true);
    expect(await store.counts()).toEqual({ pending: 0, dead: 1 });
    await prisma.$disconnect();
    await database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});
