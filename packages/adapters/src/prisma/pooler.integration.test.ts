import { PrismaPg } from '@prisma/adapter-pg';
import { postgresForTests, startPgBouncer } from '@huntaze/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { PrismaClient } from '../../generated/postgresql/plain/client.ts';
import { contend, eachOnce } from './contention.fixture.ts';
import { prismaFallbackStore } from './prisma-fallback-store.ts';
import { migration, prismaFor } from './prisma.fixture.ts';

const database = await postgresForTests();
await database.sql(await migration('postgresql'));
const pgbouncer = await startPgBouncer(database.url);
afterAll(() => pgbouncer?.stop());
beforeEach(() => database.sql('TRUNCATE "OnlyFansMessage"'));

const message = { id: 'm-1', key: 'account-1', body: '{}', storedAtMs: 1_700_000_000_000, error: '' };
/** A model asks a question per message, each of which may open a session. */
const FEW = 40;

/** The strictest pooler that there could be: no two transactions share a session. */
const aSessionEach = () =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 12, maxUses: 1 }) });

/** What a store on a client and on its model make of many at once, and an outbox, through this client. */
async function use(prisma: PrismaClient) {
  const store = prismaFallbackStore(prisma);
  const onClient = await contend(store, FEW);
  const onModel = await contend(prismaFallbackStore(prisma.onlyFansMessage), FEW);
  const early = await prisma.$transaction(async (tx) => {
    await prismaFallbackStore(tx).save([message]);
    return await store.counts();
  });
  const late = await store.counts();
  await prisma.$disconnect();
  return { onClient, onModel, outbox: [early.pending, late.pending] };
}

const asWithoutPooler = { onClient: eachOnce(FEW), onModel: eachOnce(FEW), outbox: [0, 1] };

describe('a client with a new session for each transaction', () => {
  it('has no state that outlasts a transaction, which is the point of these tests', async () => {
    const prisma = aSessionEach();
    const session = () => prisma.$queryRawUnsafe<[{ pid: number }]>('SELECT pg_backend_pid() AS pid');
    expect(await session()).not.toEqual(await session());
    await prisma.$disconnect();
  });

  it('serves stores and outboxes', async () => {
    expect(await use(aSessionEach())).toEqual(asWithoutPooler);
  });
});

describe.skipIf(!pgbouncer)('PgBouncer in transaction mode (skipped without pgbouncer on the PATH)', () => {
  it('serves stores and outboxes', async () => {
    expect(await use(prismaFor(pgbouncer?.url ?? ''))).toEqual(asWithoutPooler);
  });
});
