import { openTestPostgres, sharedService, startPostgres, startTcpProxy, until } from '@huntaze/testkit';
import type { PostgresServer, TcpProxy, TestPostgres } from '@huntaze/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prismaFallbackStore } from './prisma-fallback-store.ts';
import { elapse, migration, prismaFor } from './prisma.fixture.ts';

const LEASE_MS = 60_000;
const messages = Array.from({ length: 50 }, (_, index) => ({
  id: `m-${index}`,
  key: 'account-1',
  body: '{}',
  storedAtMs: 1_700_000_000_000 + index,
  error: 'down',
}));
const everyId = messages.map(({ id }) => id);
const unavailable = { code: 'STORE_UNAVAILABLE' };

/** Prisma that reaches a database through another port. */
function prismaThrough(url: string, port: number) {
  const through = new URL(url);
  through.port = String(port);
  return prismaFor(through.href);
}

describe('when the reply of PostgreSQL is lost', () => {
  let database: TestPostgres;
  let proxy: TcpProxy;
  let prisma: ReturnType<typeof prismaFor>;

  beforeAll(async () => {
    database = await openTestPostgres(await sharedService('postgres'));
    await database.sql(`${await migration('postgresql')}; CREATE TABLE "order" (id int)`);
    proxy = await startTcpProxy(Number(new URL(database.url).port));
    prisma = prismaThrough(database.url, proxy.port);
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await proxy.stop();
    await database.close();
  });
  beforeEach(() => database.sql('TRUNCATE "OnlyFansMessage"'));

  const losingReplyTo = async (text: string, call: () => Promise<unknown>) => {
    const dropped = proxy.dropReplyTo(text);
    const failing = expect(call()).rejects.toThrow(/./);
    await Promise.all([dropped, failing]);
  };

  it('storing fails although it happened, and happens once when it is repeated', async () => {
    const store = prismaFallbackStore(prisma);
    await losingReplyTo('INSERT INTO "OnlyFansMessage"', () => store.save(messages));
    const [row] = await database.sql('SELECT count(*)::int AS stored FROM "OnlyFansMessage"');
    expect(row).toEqual({ stored: messages.length });

    await store.save(messages);

    expect(await store.counts()).toEqual({ pending: messages.length, dead: 0 });
  });

  it('to COMMIT, the host’s transaction fails although it is there, and may be repeated', async () => {
    const order = () => prisma.$transaction(async (tx) => prismaFallbackStore(tx).save(messages));
    await losingReplyTo('COMMIT', order);

    await order();

    expect(await prismaFallbackStore(prisma).counts()).toEqual({ pending: messages.length, dead: 0 });
  });

  it('what was claimed unnoticed is claimed again when its lease has ended', async () => {
    const store = prismaFallbackStore(prisma);
    await store.save(messages);
    await losingReplyTo('SKIP LOCKED', () => store.claim({ limit: 100, leaseMs: LEASE_MS }));

    expect(await store.claim({ limit: 100, leaseMs: LEASE_MS })).toEqual([]);
    await elapse(database, LEASE_MS + 1);
    const again = await store.claim({ limit: 100, leaseMs: LEASE_MS });

    expect(again.map(({ message }) => message.id).toSorted()).toEqual(everyId.toSorted());
    expect(new Set(again.map(({ attempt }) => attempt))).toEqual(new Set([2]));
  });

  it('a settlement that is repeated says that the claim is settled', async () => {
    const store = prismaFallbackStore(prisma);
    await store.save(messages.slice(0, 1));
    const [claim] = await store.claim({ limit: 1, leaseMs: LEASE_MS });
    if (!claim) throw new Error('expected a claim, found none');
    await losingReplyTo('DELETE FROM', () => store.markReplayed(claim));

    expect(await store.markReplayed(claim)).toBe(false);
    expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
  });
});

describe('when PostgreSQL stops in the middle', () => {
  let server: PostgresServer;
  let database: TestPostgres;
  let prisma: ReturnType<typeof prismaFor>;

  beforeAll(async () => {
    server = await startPostgres();
    database = await openTestPostgres(server.url);
    await database.sql(await migration('postgresql'));
    prisma = prismaFor(database.url);
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await server.stop();
  });
  beforeEach(() => database.sql('TRUNCATE "OnlyFansMessage"'));

  /** Crashes the server while a call waits for a lock, with its work half done. */
  const crashDuring = async (call: () => Promise<unknown>) => {
    const locked = Promise.withResolvers<void>();
    const holding = database
      .sql('BEGIN; LOCK TABLE "OnlyFansMessage" IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60); COMMIT')
      .catch(() => locked.resolve());
    const waiting = (clause: string) =>
      until('a session to wait', async () => {
        const [row] = await database.sql(
          `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND ${clause}`,
        );
        return Number(row?.['n']) > 0;
      });
    await waiting(`wait_event = 'PgSleep'`);
    const failing = expect(call()).rejects.toMatchObject(unavailable);
    await waiting(`wait_event_type = 'Lock'`);
    await server.crash();
    await failing;
    await holding;
    await server.restart();
  };

  it('storing leaves nothing by halves, and is repeated', async () => {
    const store = prismaFallbackStore(prisma);
    await crashDuring(() => store.save(messages));
    expect(await store.counts()).toEqual({ pending: 0, dead: 0 });

    await store.save(messages);

    expect(await store.counts()).toEqual({ pending: messages.length, dead: 0 });
  });

  it('a claim takes nothing, and what was stored before is all there', async () => {
    const store = prismaFallbackStore(prisma);
    await store.save(messages);
    await crashDuring(() => store.claim({ limit: 100, leaseMs: LEASE_MS }));

    const claims = await store.claim({ limit: 100, leaseMs: LEASE_MS });

    expect(claims.map(({ message }) => message.id)).toEqual(everyId);
    expect(new Set(claims.map(({ attempt }) => attempt))).toEqual(new Set([1]));
  });

  it('a settlement may be repeated', async () => {
    const store = prismaFallbackStore(prisma);
    await store.save(messages.slice(0, 1));
    const [claim] = await store.claim({ limit: 1, leaseMs: LEASE_MS });
    if (!claim) throw new Error('expected a claim, found none');
    await crashDuring(() => store.markReplayed(claim));

    expect(await store.markReplayed(claim)).toBe(true);
  });
});
