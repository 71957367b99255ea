import { readFile } from 'node:fs/promises';
import { prismaFallbackStore } from '@huntaze/rate-limiter-adapters/prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import { openTestPostgres, postgresService } from '@huntaze/testkit';
import type { StoredMessage } from '@huntaze/rate-limiter-client/contract';
import { PrismaClient } from '../../../../adapters/generated/postgresql/plain/client.ts';
import { compare } from './compare.ts';
import { LEASE_MS, type Contender } from './contender.ts';

const migration = new URL('../../../../adapters/migrations/postgresql/migration.sql', import.meta.url);

/** The statements that somebody would write who needs no more than this, on the same table. */
const minimal = {
  save: (rows: number) =>
    `INSERT INTO "OnlyFansMessage" ("id", "body", "storedAtMs", "dueAtMs", "lastError") VALUES ${Array.from(
      { length: rows },
      (_, row) => `(${[1, 2, 3, 4, 5].map((column) => `$${row * 5 + column}`).join(', ')})`,
    ).join(', ')}`,
  claim: `UPDATE "OnlyFansMessage" SET "dueAtMs" = floor(extract(epoch FROM now()) * 1000)::bigint + $1
    WHERE "id" IN (SELECT "id" FROM "OnlyFansMessage" WHERE "dueAtMs" <= floor(extract(epoch FROM now()) * 1000)::bigint
      ORDER BY "dueAtMs" LIMIT $2
      FOR UPDATE SKIP LOCKED) RETURNING *`,
  settle: 'DELETE FROM "OnlyFansMessage" WHERE "id" = $1',
};

const rowOf = ({ key, id, body, storedAtMs, error }: StoredMessage) => [
  `${key} ${id}`,
  body,
  storedAtMs,
  storedAtMs,
  error,
];

const messageOf = ({ id, body, storedAtMs, lastError }: Record<string, unknown>) => {
  const [key = '', messageId = ''] = String(id).split(' ');
  return {
    token: '',
    message: {
      key,
      id: messageId,
      body: String(body),
      storedAtMs: Number(storedAtMs),
      error: String(lastError),
    },
  };
};

/** The Prisma store beside the least that a host would write itself, on one PostgreSQL. */
export async function comparePostgres(): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const service = await postgresService();
  stack.defer(() => service.stop());
  const database = await openTestPostgres(service.url);
  stack.defer(() => database.close());
  await database.sql(await readFile(migration, 'utf8'));
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url, max: 16 }) });
  stack.defer(() => prisma.$disconnect());
  const clear = async () => void (await database.sql('TRUNCATE "OnlyFansMessage"'));

  const store = prismaFallbackStore(prisma);
  const ours: Contender = {
    name: 'ours',
    clear,
    save: store.save,
    claim: (limit) => store.claim({ limit, leaseMs: LEASE_MS }),
    settle: (claim) => store.markReplayed({ ...claim, attempt: 1 }),
  };
  const byHand: Contender = {
    name: 'by hand',
    clear,
    save: (messages) => prisma.$executeRawUnsafe(minimal.save(messages.length), ...messages.flatMap(rowOf)),
    claim: async (limit) => {
      const rows = await prisma.$queryRawUnsafe(minimal.claim, LEASE_MS, limit);
      return (rows as Record<string, unknown>[]).map(messageOf);
    },
    settle: ({ message: { key, id } }) => prisma.$executeRawUnsafe(minimal.settle, `${key} ${id}`),
  };
  // Awaited here, before what is used is closed.
  return await compare([ours, byHand], { messages: 4_000, together: 10, callers: 4 });
}
