import { slidingWindow } from '@huntaze/rate-limiter-lambda';
import { openTestPostgres, sharedService, startPostgres, startTcpProxy } from '@huntaze/testkit';
import type { PostgresServer, TcpProxy, TestPostgres } from '@huntaze/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prismaFor } from '../prisma.fixture.ts';
import { prismaLimiter } from './index.ts';
import { limiterMigration } from './limiter.fixture.ts';

const question = (id: string) => ({
  key: 'account-1',
  limits: [slidingWindow({ limit: 2, windowMs: 3_600_000 })],
  marginMs: 0,
  leaseMs: 60_000,
  candidates: [{ id, priority: 'medium' as const }],
});
const limiterOptions = { coldStart: 'full', timeoutMs: 10_000 } as const;

describe('when the reply of PostgreSQL to a write is lost', () => {
  let database: TestPostgres;
  let proxy: TcpProxy;
  let prisma: ReturnType<typeof prismaFor>;

  beforeAll(async () => {
    database = await openTestPostgres(await sharedService('postgres'));
    await database.sql(await limiterMigration());
    proxy = await startTcpProxy(Number(new URL(database.url).port));
    const through = new URL(database.url);
    through.port = String(proxy.port);
    prisma = prismaFor(through.href);
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await proxy.stop();
    await database.close();
  });

  it('the claim is found and given, and counts once', async () => {
    const limiter = prismaLimiter(prisma, limiterOptions);
    const dropped = proxy.dropReplyTo('INSERT INTO "rate_limiter_keys"');
    const [[admission]] = await Promise.all([limiter.admit(question('m-1')), dropped]);
    expect(admission).toMatchObject({ kind: 'granted', claim: { id: 'm-1', attempt: 1 } });
    expect(proxy.dropped()).toBe(1);

    const kinds = [];
    for (const id of ['m-1', 'm-2', 'm-3']) kinds.push((await limiter.admit(question(id)))[0]?.kind);
    expect(kinds).toEqual(['busy', 'granted', 'wait']);
  });
});

describe('when PostgreSQL stops', () => {
  let server: PostgresServer;
  let database: TestPostgres;
  let prisma: ReturnType<typeof prismaFor>;

  beforeAll(async () => {
    server = await startPostgres();
    database = await openTestPostgres(server.url);
    await database.sql(await limiterMigration());
    prisma = prismaFor(database.url);
  });
  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await server.stop();
  });

  it('nothing is granted until it is back, and what was granted before still counts', async () => {
    const limiter = prismaLimiter(prisma, limiterOptions);
    expect(await limiter.admit(question('m-1'))).toMatchObject([{ kind: 'granted' }]);

    await server.crash();
    const failing = limiter.admit(question('m-2'));
    await expect(failing).rejects.toMatchObject({
      code: 'LIMITER_UNAVAILABLE',
      message: expect.stringContaining(
        'check that it is reachable, that the migration was applied',
      ) as string,
    });
    await server.restart();

    const kinds = [];
    for (const id of ['m-1', 'm-2', 'm-3']) kinds.push((await limiter.admit(question(id)))[0]?.kind);
    expect(kinds).toEqual(['busy', 'granted', 'wait']);
  });
});
