import pg from 'pg';
import { startPostgres } from './server.ts';

/** A PostgreSQL server to use until `stop`. */
export interface PostgresService {
  /** Of a user who may create databases. */
  readonly url: string;
  /** Ends the server when we started it; leaves a given one running. */
  stop(): Promise<void>;
}

/**
 * The PostgreSQL server that `DATABASE_URL` names, otherwise one of our own.
 * @throws {Error} when the named server does not answer, or as {@link startPostgres} does.
 */
export async function postgresService(environment = process.env): Promise<PostgresService> {
  const given = environment['DATABASE_URL'];
  if (given === undefined || given === '') return startPostgres();
  await assertAnswers(given);
  return { url: given, stop: async () => {} };
}

async function assertAnswers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (cause) {
    throw new Error(
      'expected a PostgreSQL server at DATABASE_URL, found none that answers: start it, or unset DATABASE_URL to use one of our own',
      { cause },
    );
  } finally {
    await client.end().catch(() => {});
  }
}
