import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { sharedService } from '../services/shared-service.ts';
import { startPostgres } from './server.ts';
import { postgresService } from './service.ts';
import { openTestPostgres } from './test-postgres.ts';

describe('a PostgreSQL server of our own', () => {
  it('comes back from a crash with what was committed', async () => {
    const server = await startPostgres();
    try {
      const database = await openTestPostgres(server.url);
      const connection = new pg.Client({ connectionString: database.url });
      connection.on('error', () => {});
      await connection.connect();
      await connection.query('CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
      await connection.query('BEGIN; INSERT INTO kept VALUES (2)');

      await server.crash();
      await expect(connection.query('COMMIT')).rejects.toThrow(/terminated|closed|not queryable|ECONNRESET/);
      await server.restart();

      expect(await database.sql('SELECT id FROM kept')).toEqual([{ id: 1 }]);
      await database.close();
    } finally {
      await server.stop();
      await server.stop();
    }
  });
});

describe('the PostgreSQL service', () => {
  it('is the one that DATABASE_URL names, and is left running', async () => {
    const url = await sharedService('postgres');
    const service = await postgresService({ DATABASE_URL: url });
    await service.stop();
    expect(service.url).toBe(url);
    expect(await postgresService({ DATABASE_URL: url })).toMatchObject({ url });
  });

  it('says what to do when the named server does not answer', async () => {
    const gone = postgresService({ DATABASE_URL: 'postgresql://test:test@127.0.0.1:1/none' });
    await expect(gone).rejects.toThrow('unset DATABASE_URL to use one of our own');
  });
});

describe('a test database', () => {
  it('is nobody else’s, and complains about connections left open', async () => {
    const one = await openTestPostgres(await sharedService('postgres'));
    const other = await openTestPostgres(await sharedService('postgres'));
    await one.sql('CREATE TABLE mine (id int)');
    expect(await other.sql(`SELECT to_regclass('mine') AS mine`)).toEqual([{ mine: null }]);
    const leak = new pg.Client({ connectionString: other.url });
    leak.on('error', () => {});
    await leak.connect();

    await one.close();
    await expect(other.close()).rejects.toThrow('found 1 open');
  });
});
