/** The present by the database's clock, the same throughout a statement, so that an index serves what compares with it. */
export const NOW_MS = 'floor(extract(epoch FROM statement_timestamp()) * 1000)::bigint';

/** A name that PostgreSQL takes as it is. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A table, in its schema or wherever the search path finds it. */
export function tableName(table: string, schema: string | undefined): string {
  return schema === undefined ? quoted(table) : `${quoted(schema)}.${quoted(table)}`;
}

/** Milliseconds, given as text. */
export function whole(ms: string): string {
  return `${ms}::float8::bigint`;
}
