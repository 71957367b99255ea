import {
  another,
  clock,
  expecting,
  group,
  having,
  ids,
  optional,
  random,
  type Check,
} from '@huntaze/kit/checks';
import { systemClock, systemRandom, uuidIds } from '@huntaze/rate-limiter-client/contract';
import { columnNames, type ColumnName } from './postgres/statements.ts';

/** PostgreSQL cuts off the names of what is longer, and takes no U+0000 (https://www.postgresql.org/docs/current/sql-syntax-lexical.html). */
const MAX_NAME_BYTES = 63;

const isName = (found: unknown) =>
  typeof found === 'string' &&
  found !== '' &&
  !found.includes('\0') &&
  Buffer.byteLength(found) <= MAX_NAME_BYTES;

/** What the name of a table or a schema must be. */
export const name = expecting(`a name of 1 to ${MAX_NAME_BYTES} bytes`, isName, another);

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

/** What a model must be. */
export const model = having('upsert', 'findMany', 'updateMany', 'deleteMany', 'count');

/** The options beside a model. */
export const modelTable = {
  clock: { check: clock, default: systemClock },
  ids: { check: ids, default: uuidIds },
  random: { check: random, default: systemRandom },
};

/** The options beside a client. */
export const clientTable = {
  table: { check: name, default: 'OnlyFansMessage' },
  schema: { check: name, default: undefined },
  columns: { check: columns, default: {} },
  ...modelTable,
};
