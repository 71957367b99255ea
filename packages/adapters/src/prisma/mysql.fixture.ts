import { randomUUID } from 'node:crypto';
import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { PrismaClient } from '../../generated/mysql/plain/client.ts';
import { migration, statementsOf } from './prisma.fixture.ts';

/** Where Debian's package and the official images listen; a user without a password. */
const USUAL_URL = 'mariadb://root@127.0.0.1:3306';

/** A test file's own database on a MySQL or MariaDB server. */
export interface TestMysql {
  /** The server's own words, such as `10.11.19-MariaDB`. */
  readonly version: string;
  /** A client whose sessions begin with these statements. */
  client(...begin: readonly string[]): PrismaClient;
  /** Drops the database, and closes every client. */
  close(): Promise<void>;
}

/** The client that `prisma generate` makes today. */
const prismaAt = (url: string, begin: readonly string[] = []) => {
  const { hostname, port, username, password, pathname } = new URL(url);
  const database = pathname.slice(1);
  return new PrismaClient({
    adapter: new PrismaMariaDb({
      host: hostname,
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      ...(database !== '' && { database }),
      // The server has 151 for all who use it.
      connectionLimit: 10,
      connectTimeout: 2_000,
      initSql: [...begin],
    }),
  });
};

/**
 * Creates a database with a unique name, with the table that hosts get, on the server that `MYSQL_URL` names, or on
 * one that answers on this machine's usual port.
 * @returns undefined where there is none: nothing is installed.
 * @throws {Error} when the server that `MYSQL_URL` names does not answer.
 */
export async function openTestMysql(environment = process.env): Promise<TestMysql | undefined> {
  const given = environment['MYSQL_URL'] ?? '';
  const server = prismaAt(given === '' ? USUAL_URL : given);
  const version = await server.$queryRawUnsafe<[{ version: string }]>('SELECT version() AS version').then(
    ([row]) => row.version,
    (cause: unknown) => {
      if (given === '') return undefined;
      throw new Error('expected a MySQL or MariaDB server at MYSQL_URL, found none that answers', { cause });
    },
  );
  if (version === undefined) {
    await server.$disconnect();
    return undefined;
  }
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await server.$executeRawUnsafe(`CREATE DATABASE ${name}`);
  const url = new URL(given === '' ? USUAL_URL : given);
  url.pathname = `/${name}`;
  const clients = [server];
  const client = (...begin: readonly string[]) => {
    const opened = prismaAt(url.href, begin);
    clients.push(opened);
    return opened;
  };
  const first = client();
  for (const statement of statementsOf(await migration('mysql'))) await first.$executeRawUnsafe(statement);
  return {
    version,
    client,
    async close() {
      await server.$executeRawUnsafe(`DROP DATABASE ${name}`);
      await Promise.all(clients.map((one) => one.$disconnect()));
    },
  };
}
