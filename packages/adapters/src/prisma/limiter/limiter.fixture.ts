import { readFile } from 'node:fs/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import { systemClock, systemRandom } from '@huntaze/rate-limiter-client/contract';
import type { KeyStateStore } from '@huntaze/rate-limiter-lambda/stored';
import { PrismaClient } from '../../../generated/postgresql/plain/client.ts';
import { postgresKeyStore, type PrismaLimiterClientLike } from './postgres-key-store.ts';

/** What the package hands to hosts. */
export const limiterMigration = () =>
  readFile(new URL('../../../migrations/postgresql-limiter/migration.sql', import.meta.url), 'utf8');

/** A client that uses each connection once, as a pooler in transaction mode may hand out another one each time. */
export const pooledPrismaFor = (url: string) =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 5, maxUses: 1 }) });

/** A client that tells every query which it sends. */
export function listeningPrismaFor(url: string) {
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: url }),
    log: [{ emit: 'event', level: 'query' }],
  });
  const queries: string[] = [];
  prisma.$on('query', ({ query }) => queries.push(query));
  return { prisma, queries };
}

/** A store in the tables of the migration. With a `chance` of 0, every write removes what expired. */
export const keyStore = (prisma: PrismaLimiterClientLike, chance = systemRandom.next) =>
  postgresKeyStore(prisma, {
    schema: undefined,
    keyTable: 'rate_limiter_keys',
    messageTable: 'rate_limiter_messages',
    clock: systemClock,
    random: { next: chance },
  });

/** The same store for keys of its own, without the time: the limiter takes it from its clock. */
export function timelessPart(store: KeyStateStore, name: string): KeyStateStore {
  const own = (key: string) => `${name}/${key}`;
  return {
    beganMs: store.beganMs,
    read: async (key, ids) => ({ ...(await store.read(own(key), ids)), nowMs: undefined }),
    write: (key, change) => store.write(own(key), change),
  };
}
