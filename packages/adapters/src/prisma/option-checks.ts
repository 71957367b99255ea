import {
  clock,
  expecting,
  group,
  having,
  ids,
  kindOf,
  optional,
  random,
  type Check,
} from '@huntaze/kit/checks';
import { columnNames, type ColumnName } from './postgres/statements.ts';

/** PostgreSQL cuts off the names of what is longer, and takes no U+0000 (https://www.postgresql.org/docs/current/sql-syntax-lexical.html). */
const MAX_NAME_BYTES = 63;

const isText = (found: unknown): found is string => typeof found === 'string' && found !== '';
const isName = (found: unknown) =>
  isText(found) && !found.includes('\0') && Buffer.byteLength(found) <= MAX_NAME_BYTES;

const name = expecting(`a name of 1 to ${MAX_NAME_BYTES} bytes`, isName, (found) =>
  isText(found) ? 'another string' : kindOf(found),
);

const columnChecks = Object.fromEntries(columnNames.map((column) => [column, optional(name)]));

const columns: Check = (found, option, given) => {
  const problems = group(columnChecks)(found, option, given);
  if (problems.length > 0) return problems;
  const names = columnNames.map((column) => (found as Partial<Record<ColumnName, string>>)[column] ?? column);
  return new Set(names).size === names.length
    ? []
    : [`${option}: expected a name of its own for each column, found one name twice`];
};

/** What a client must be. */
export const client = having('$queryRawUnsafe', '$executeRawUnsafe');

/** What the options beside a client must be. */
export const clientChecks = {
  table: optional(name),
  schema: optional(name),
  columns: optional(columns),
  ids,
  clock,
  random,
};

/** What a model must be. */
export const model = having('upsert', 'findMany', 'updateMany', 'deleteMany', 'count');

/** What the options beside a model must be. */
export const modelChecks = {
  clock,
  ids,
  random,
};
