// Makes the table of the fallback store, unless it is there. In an app of your own, add the model to your schema and
// migrate as you do otherwise.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

const adapters = import.meta.resolve('@huntaze/rate-limiter-adapters/package.json');
const migration = fileURLToPath(new URL('migrations/postgresql/migration.sql', adapters));
const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
await client.connect();
try {
  const { rowCount } = await client.query(
    `SELECT 1 FROM information_schema.columns
      WHERE table_schema = current_schema AND table_name = 'OnlyFansMessage' AND column_name = 'dueAtMs'`,
  );
  if (rowCount === 0) await client.query(await readFile(migration, 'utf8'));
  console.log('the table OnlyFansMessage is there');
} finally {
  await client.end();
}
