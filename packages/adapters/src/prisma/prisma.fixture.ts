import { readFile } from 'node:fs/promises';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import type { TestPostgres } from '@huntaze/testkit';
import { PrismaClient, type Prisma } from '../../generated/postgresql/plain/client.ts';
import { PrismaPg as PrismaPg6 } from 'prisma-6-adapter-pg';
import { PrismaClient as Client6 } from '../../generated/prisma-6/six/client.ts';
import { PrismaClient as CustomClient } from '../../generated/postgresql/custom/index.js';
import { PrismaClient as SqliteClient } from '../../generated/sqlite/plain/client.ts';

/** What the package hands to hosts for one kind of database. */
export function migration(provider: 'postgresql' | 'sqlite' | 'mysql'): Promise<string> {
  return readFile(new URL(`../../migrations/${provider}/migration.sql`, import.meta.url), 'utf8');
}

/** For databases that take one statement at a time. */
export function statementsOf(sql: string): readonly string[] {
  return sql.split(';').filter((text) => text.trim() !== '');
}

/** The client that `prisma generate` makes today. */
export const prismaFor = (url: string, omit?: Prisma.GlobalOmitConfig) =>
  new PrismaClient({
    adapter: new PrismaPg({ connectionString: url, max: 25 }),
    ...(omit && { omit }),
  });

/** The client of the older generator, in a folder of the host's choice. */
export const customPrismaFor = (url: string) =>
  new CustomClient({ adapter: new PrismaPg({ connectionString: url, max: 25 }) });

/** A client of Prisma 6 without an engine. */
export const prisma6For = (url: string) =>
  new Client6({ adapter: new PrismaPg6({ connectionString: url, max: 25 }) });

/** A database in a file. */
export async function sqlitePrisma(file: string) {
  const prisma = new SqliteClient({ adapter: new PrismaLibSql({ url: `file:${file}` }) });
  for (const statement of statementsOf(await migration('sqlite'))) await prisma.$executeRawUnsafe(statement);
  return prisma;
}

/** Lets time pass for what is stored: moves its instants back. */
export async function elapse({ sql }: Pick<TestPostgres, 'sql'>, ms: number): Promise<void> {
  await sql(`UPDATE "OnlyFansMessage" SET "dueAtMs" = "dueAtMs" - $1::float8::bigint`, [ms]);
}

/** The present instant of the database's clock. */
export async function databaseNowMs({ sql }: Pick<TestPostgres, 'sql'>): Promise<number> {
  const [row] = await sql('SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms');
  return Number(row?.['ms']);
}
