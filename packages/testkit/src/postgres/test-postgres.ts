import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { pause } from '../pause.ts';
import { sharedService } from '../services/shared-service.ts';

/** A test file's own database. */
export interface TestPostgres {
  readonly url: string;
  /** Runs one statement, or several without values. */
  sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /**
   * Drops the database.
   * @throws {Error} when connections to it were left open.
   */
  close(): Promise<void>;
}

/** Creates a database with a unique name on a server. */
export async function openTestPostgres(serverUrl: string): Promise<TestPostgres> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await onServer(serverUrl, (server) => server.query(`CREATE DATABASE ${name}`));
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const pool = new pg.Pool({ connectionString: url.href, max: 4 });
  // A server that ends takes idle connections with it; whoever asks next is told.
  pool.on('error', () => {});
  return {
    url: url.href,
    async sql(text, values = []) {
      const { rows } = await pool.query<Record<string, unknown>>(text, [...values]);
      return rows;
    },
    async close() {
      await pool.end();
      const left = await onServer(serverUrl, async (server) => {
        const open = await leftOpen(server, name);
        await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
        return open;
      });
      if (left > 0) throw new Error(`expected every connection to ${name} to be closed, found ${left} open`);
    },
  };
}

/**
 * {@link openTestPostgres} for a file of the integration project, on the run's own server: call it at the top of
 * the file. Connections that are left after the last test fail the file.
 */
export async function postgresForTests(): Promise<Omit<TestPostgres, 'close'>> {
  // Loaded here alone: programs that are no tests use this package too.
  const { afterAll } = await import('vitest');
  const { close, ...testPostgres } = await openTestPostgres(await sharedService('postgres'));
  afterAll(close);
  return testPostgres;
}

/** How long a server may take to notice that a client is gone. */
const FAREWELL_MS = 4_000;

/** How many connections to a database stay open. */
async function leftOpen(server: pg.Client, database: string): Promise<number> {
  const startedAtMs = performance.now();
  for (;;) {
    const { rowCount } = await server.query('SELECT pid FROM pg_stat_activity WHERE datname = $1', [
      database,
    ]);
    const open = rowCount ?? 0;
    if (open === 0 || performance.now() - startedAtMs >= FAREWELL_MS) return open;
    await pause(20);
  }
}

async function onServer<Result>(url: string, work: (server: pg.Client) => Promise<Result>): Promise<Result> {
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  try {
    return await work(server);
  } finally {
    await server.end();
  }
}
