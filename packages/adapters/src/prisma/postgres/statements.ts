/** The columns of a message, by the names that the schema fragment gives them. */
export const columnNames = [
  'id',
  'body',
  'storedAt',
  'dueAt',
  'deadAt',
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

/** What a claim's statement gives for each message. Instants are milliseconds since 1970. */
export interface ClaimedRow {
  readonly id: string;
  readonly body: string;
  readonly storedAtMs: number;
  readonly wasDueAtMs: number;
  readonly attempts: number;
  readonly lastError: string;
}

/**
 * The store's SQL, one statement per operation. Time is the database's: `now()`.
 *
 * A message is pending while it has a `dueAt`: since it was stored, when its lease ends, when it shall be retried.
 * It is dead once it has a `deadAt` instead. Rows that have neither are none of ours.
 */
export function statementsFor({ table, schema, columns }: Table) {
  const named = Object.fromEntries(columnNames.map((name) => [name, quoted(columns[name] ?? name)]));
  const { id, body, storedAt, dueAt, deadAt, attempts, claimToken, lastError } = named as Record<
    ColumnName,
    string
  >;
  const messages = schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;

  return {
    /** $1 ids, $2 bodies, $3 instants of storing, $4 errors. A client's clock may be ahead: nothing is due later than now. */
    save: `
      INSERT INTO ${messages} (${id}, ${body}, ${storedAt}, ${dueAt}, ${lastError})
      SELECT new.id, new.body, ${instant('new.at')}, least(${instant('new.at')}, now()), new.error
      FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS new(id, body, at, error)
      ON CONFLICT (${id}) DO NOTHING`,

    /** $1 limit, $2 lease, $3 token. What another claim is about to take is skipped, so claims never wait. */
    claim: `
      WITH due AS MATERIALIZED (
        SELECT ${id} AS id, ${dueAt} AS at FROM ${messages}
        WHERE ${dueAt} <= now() ORDER BY ${dueAt} LIMIT $1::text::bigint FOR UPDATE SKIP LOCKED
      )
      UPDATE ${messages} AS m
      SET ${claimToken} = $3, ${attempts} = m.${attempts} + 1,
          ${dueAt} = now() + $2::text::float8 * interval '1 millisecond'
      FROM due WHERE m.${id} = due.id
      RETURNING m.${id} AS "id", m.${body} AS "body", ${milliseconds(`m.${storedAt}`)} AS "storedAtMs",
        ${milliseconds('due.at')} AS "wasDueAtMs", m.${attempts} AS "attempts", m.${lastError} AS "lastError"`,

    /** $1 id, $2 token. */
    markReplayed: `DELETE FROM ${messages} WHERE ${id} = $1 AND ${claimToken} = $2`,

    /** $1 id, $2 token, $3 error, $4 instant of the retry. */
    retry: `
      UPDATE ${messages} SET ${dueAt} = ${instant('$4::text')}, ${claimToken} = NULL, ${lastError} = $3
      WHERE ${id} = $1 AND ${claimToken} = $2`,

    /** $1 id, $2 token, $3 error. */
    giveUp: `
      UPDATE ${messages} SET ${dueAt} = NULL, ${deadAt} = now(), ${claimToken} = NULL, ${lastError} = $3
      WHERE ${id} = $1 AND ${claimToken} = $2`,

    counts: `
      SELECT (SELECT count(*) FROM ${messages} WHERE ${dueAt} IS NOT NULL)::float8 AS "pending",
             (SELECT count(*) FROM ${messages} WHERE ${deadAt} IS NOT NULL)::float8 AS "dead"`,
  };
}

/** A name that PostgreSQL takes as it is. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Milliseconds since 1970 as an instant, and back. */
function instant(ms: string): string {
  return `to_timestamp(${ms}::float8 / 1000)`;
}

function milliseconds(at: string): string {
  return `(extract(epoch FROM ${at}) * 1000)::float8`;
}
