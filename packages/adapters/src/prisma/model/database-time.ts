import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { codesOf, type Ask } from '../rows/asking.ts';

/** The part of a model's client that is called. Prisma's own queries have no access to the database's clock. */
export interface ModelsClient {
  $queryRawUnsafe?(query: string): PromiseLike<unknown>;
}

/** The present in milliseconds since 1970, as each kind of database says it. The first must not fail in PostgreSQL. */
const QUESTIONS = [
  // PostgreSQL, CockroachDB
  'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"',
  // MySQL, MariaDB
  'SELECT UNIX_TIMESTAMP(NOW(3)) * 1000 AS `nowMs`',
  // SQLite
  `SELECT (julianday('now') - 2440587.5) * 86400000.0 AS "nowMs"`,
];

/** Prisma's code for SQL that the database refused. */
const RAW_QUERY_FAILED = 'P2010';

/**
 * The database's time, one question each. Of a database that understands none of the questions the host's clock has
 * to do.
 */
export function databaseTime(
  client: ModelsClient | undefined,
  ask: Ask,
  clock: Clock,
): () => Promise<number> {
  let questions: readonly string[] = typeof client?.$queryRawUnsafe === 'function' ? QUESTIONS : [];

  const answerTo = async (question: string): Promise<number | undefined> => {
    try {
      const rows = (await client?.$queryRawUnsafe?.(question)) as readonly { nowMs: unknown }[];
      return Math.floor(Number(rows[0]?.nowMs));
    } catch (error) {
      if (codesOf(error).includes(RAW_QUERY_FAILED)) return undefined;
      throw error;
    }
  };

  return () =>
    ask('to tell the time', async () => {
      for (const question of questions) {
        const nowMs = await answerTo(question);
        if (nowMs === undefined) continue;
        questions = [question];
        return nowMs;
      }
      return Math.floor(clock.nowMs());
    });
}
