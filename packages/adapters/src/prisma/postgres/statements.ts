import { NOW_MS, quoted, tableName, whole } from './sql.ts';

/** The columns of a message, by the names that the schema fragment gives them. */
export const columnNames = [
  'id',
  'body',
  'storedAtMs',
  'dueAtMs',
  'deadAtMs',
  'attempts',
  'claimToken',
  'lastError',
] as const;
export type ColumnName = (typeof columnNames)[number];

/** Where the messages are. */
export interface Table {
  readonly table: string;
  readonly schema: string | undefined;
  readonly columns: Readonly<Partial<Record<ColumnName, string>>>;
}

/** A row that the statement of a claim returns. Instants are milliseconds since 1970. */
export interface ClaimedRow {
  readonly id: string;
  readonly body: string;
  readonly storedAtMs: number;
  readonly wasDueAtMs: number;
  readonly attempts: number;
  readonly lastError: string;
}

/**
 * The store's SQL, one statement per operation. Time is the database's, in milliseconds since 1970: a
 * time zone of the session or a type of the driver cannot move it.
 *
 * A message is pending while it has a `dueAtMs`: since it was stored, when its lease ends, when its retry is due.
 * It is dead once it has a `deadAtMs` instead. Rows that have neither are none of ours.
 */
export function statementsFor({ table, schema, columns }: Table) {
  const named = Object.fromEntries(columnNames.map((name) => [name, quoted(columns[name] ?? name)]));
  const { id, body, storedAtMs, dueAtMs, deadAtMs, attempts, claimToken, lastError } = named as Record<
    ColumnName,
    string
  >;
  const messages = tableName(table, schema);

  return {
    /** $1 ids, $2 bodies, $3 instants of storing, $4 errors. A client's clock may be ahead: nothing is due later than now. */
    save: `
      INSERT INTO ${messages} (${id}, ${body}, ${storedAtMs}, ${dueAtMs}, ${lastError})
      SELECT new.id, new.body, ${whole('new.at')}, least(${whole('new.at')}, ${NOW_MS}), new.error
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS new(id, body, at, error)
      ON CONFLICT (${id}) DO NOTHING`,

    /** $1 limit, $2 lease, $3 token. What another claim is about to take is skipped, so claims never wait. */
    claim: `
      WITH due AS MATERIALIZED (
        SELECT ${id} AS id, ${dueAtMs} AS at FROM ${messages}
        WHERE ${dueAtMs} <= ${NOW_MS} ORDER BY ${dueAtMs} LIMIT $1::text::bigint FOR UPDATE SKIP LOCKED
      )
      UPDATE ${messages} AS m
      SET ${claimToken} = $3, ${attempts} = m.${attempts} + 1, ${dueAtMs} = ${NOW_MS} + ${whole('$2::text')}
      FROM due WHERE m.${id} = due.id
      RETURNING m.${id} AS "id", m.${body} AS "body", m.${storedAtMs}::float8 AS "storedAtMs",
        due.at::float8 AS "wasDueAtMs", m.${attempts} AS "attempts", m.${lastError} AS "lastError"`,

    /** $1 id, $2 token. */
    markReplayed: `DELETE FROM ${messages} WHERE ${id} = $1 AND ${claimToken} = $2`,

    /** $1 id, $2 token, $3 error, $4 how long until the retry, $5 attempts that do not count. */
    retry: `
      UPDATE ${messages} SET ${dueAtMs} = ${NOW_MS} + ${whole('$4::text')}, ${claimToken} = NULL, ${lastError} = $3,
        ${attempts} = ${attempts} - $5::text::int
      WHERE ${id} = $1 AND ${claimToken} = $2`,

    /** $1 id, $2 token, $3 error. */
    giveUp: `
      UPDATE ${messages} SET ${dueAtMs} = NULL, ${deadAtMs} = ${NOW_MS}, ${claimToken} = NULL, ${lastError} = $3
      WHERE ${id} = $1 AND ${claimToken} = $2`,

    counts: `
      SELECT (SELECT count(*) FROM ${messages} WHERE ${dueAtMs} IS NOT NULL)::float8 AS "pending",
             (SELECT count(*) FROM ${messages} WHERE ${deadAtMs} IS NOT NULL)::float8 AS "dead"`,
  };
}
