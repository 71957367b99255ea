import { NOW_MS, tableName, whole } from '../postgres/sql.ts';

/** Where a limiter keeps what it knows. */
export interface LimiterTables {
  readonly schema: string | undefined;
  readonly keyTable: string;
  readonly messageTable: string;
}

/** What the statement of a read returns. */
export interface KeyRow {
  readonly nowMs: number;
  readonly version: string | null;
  readonly state: string | null;
  /** Id → text; null where there are none. */
  readonly records: Readonly<Record<string, string>> | null;
}

/** How many expired rows of each table one statement removes at most. */
const MOST_REMOVED = 1_000;

/** No key has this name: theirs hold no colon. */
const BEGAN = `':began'`;

/**
 * Rounded up to whole hours: while no indexed value of a row changes, PostgreSQL updates it in place and its indexes
 * stay as they are (https://www.postgresql.org/docs/current/storage-hot.html).
 */
const expiry = (keepMs: string) => `(${NOW_MS} + ${whole(keepMs)}) / 3600000 * 3600000 + 3600000`;

/**
 * The limiter's SQL, one statement per operation. Time is the database's. Nothing depends on the session that a
 * statement meets, nor on its isolation level: above read committed, a conflict undoes it, and it is
 * repeated.
 */
export function limiterStatements({ schema, keyTable, messageTable }: LimiterTables) {
  const keys = tableName(keyTable, schema);
  const messages = tableName(messageTable, schema);

  /** $1 key, $2 expected version or null, $3 version, $4 state, $5 how long to keep it, $6 ids, $7 texts, $8 how long to keep each. */
  const write = (more: string) => `
    WITH inserted AS (
      INSERT INTO ${keys} (key, version, state, expires_at_ms)
      SELECT $1::text, $3::text, $4::text, ${expiry('$5::text')} WHERE $2::text IS NULL
      ON CONFLICT (key) DO NOTHING
      RETURNING 1
    ), updated AS (
      UPDATE ${keys} SET version = $3::text, state = $4::text, expires_at_ms = ${expiry('$5::text')}
      WHERE key = $1::text AND version = $2::text
      RETURNING 1
    ), written AS (
      SELECT 1 FROM inserted UNION ALL SELECT 1 FROM updated
    ), recorded AS (
      INSERT INTO ${messages} (key, id, text, expires_at_ms)
      SELECT $1::text, new.id, new.text, ${expiry('new.keep_ms')}
      FROM unnest($6::text[], $7::text[], $8::text[]) AS new(id, text, keep_ms)
      WHERE EXISTS (SELECT FROM written)
      ON CONFLICT (key, id) DO UPDATE SET text = excluded.text, expires_at_ms = excluded.expires_at_ms
      RETURNING 1
    )${more}
    SELECT EXISTS (SELECT FROM written) AS "written"`;

  /**
   * What expired, but for rows that this statement writes. Begins when those are written: from then on it waits for
   * nobody, so that no two statements ever wait for each other. Rows that another one holds are left to it.
   */
  const removal = `, expired_keys AS MATERIALIZED (
      SELECT key FROM ${keys}
      WHERE expires_at_ms < ${NOW_MS} AND key <> $1::text AND (SELECT count(*) FROM recorded) = cardinality($6::text[])
      ORDER BY expires_at_ms LIMIT ${MOST_REMOVED} FOR UPDATE SKIP LOCKED
    ), expired_messages AS MATERIALIZED (
      SELECT key, id FROM ${messages}
      WHERE expires_at_ms < ${NOW_MS} AND NOT (key = $1::text AND id = ANY ($6::text[]))
        AND (SELECT count(*) FROM recorded) = cardinality($6::text[])
      ORDER BY expires_at_ms LIMIT ${MOST_REMOVED} FOR UPDATE SKIP LOCKED
    ), removed_keys AS (
      DELETE FROM ${keys} AS k USING expired_keys AS e WHERE k.key = e.key
    ), removed_messages AS (
      DELETE FROM ${messages} AS m USING expired_messages AS e WHERE m.key = e.key AND m.id = e.id
    )`;

  return {
    /** $1 key, $2 ids. The clock is read once the state is seen, so that nothing in it is later. */
    read: `
      SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs", k.version AS "version", k.state AS "state",
        (SELECT json_object_agg(m.id, m.text) FROM ${messages} AS m
          WHERE m.key = $1::text AND m.id = ANY ($2::text[])) AS "records"
      FROM (SELECT 1) AS always LEFT JOIN ${keys} AS k ON k.key = $1::text`,

    write: write(''),

    writeAndRemove: write(removal),

    /**
     * $1 now. In the same table as the states, so that who empties it, or loses it, begins anew. An instant that another
     * statement has written meanwhile is returned as it is.
     */
    began: `
      WITH known AS (
        SELECT state FROM ${keys} WHERE key = ${BEGAN}
      ), begun AS (
        INSERT INTO ${keys} AS k (key, version, state)
        SELECT ${BEGAN}, '', $1::text WHERE NOT EXISTS (SELECT FROM known)
        ON CONFLICT (key) DO UPDATE SET state = k.state
        RETURNING state
      )
      SELECT state::float8 AS "beganMs" FROM (SELECT state FROM known UNION ALL SELECT state FROM begun) AS row`,
  };
}
