import { requireOptions, type Check } from '@huntaze/rate-limiter-client/checks';
import { systemClock, uuidIds } from '@huntaze/rate-limiter-client/contract';
import type { Clock, FallbackStore, Ids } from '@huntaze/rate-limiter-client/contract';
import { modelStore } from './model/model-store.ts';
import type { PrismaModelLike } from './model/prisma-model-like.ts';
import { clientChecks, modelChecks } from './option-checks.ts';
import { postgresStore } from './postgres/postgres-store.ts';
import type { PrismaClientLike } from './postgres/prisma-client-like.ts';
import type { ColumnName } from './postgres/statements.ts';

/** Where the messages are, when the store is given a client. */
export interface PrismaTableOptions {
  /** The table's name in the database. Default: `OnlyFansMessage`. */
  readonly table?: string;
  /** The table's schema. Default: the first one of the connection's search path that has the table. */
  readonly schema?: string;
  /** Columns with another name than the field, such as `{ storedAt: 'stored_at' }`. */
  readonly columns?: Readonly<Partial<Record<ColumnName, string>>>;
  /** Source of fencing tokens. Default: UUIDs. */
  readonly ids?: Ids;
}

/** Where time comes from, when the store is given a model: its queries have no access to the database's clock. */
export interface PrismaModelOptions {
  /** Default: the system's clock. Hosts whose clocks differ by more than a lease would take each other's claims. */
  readonly clock?: Clock;
  /** Source of fencing tokens. Default: UUIDs. */
  readonly ids?: Ids;
}

/**
 * A fallback store in a database that the host reaches with Prisma: 7, or 6 with `engineType = "client"`.
 *
 * - Given a client (`prisma`, an extended one, or the client of a transaction) it speaks SQL to **PostgreSQL**: one
 *   round trip per call, time is the database's own, claims skip what others are claiming.
 * - Given a model (`prisma.onlyFansMessage`) it uses Prisma's own queries and works with **any database**: a claim
 *   takes one round trip more per message.
 *
 * With the client of a transaction, what `save` stores is there if and when the transaction commits: an outbox.
 * @throws {ConfigurationError} with every problem of the options.
 * @throws {StoreUnavailableError} from every method, when the database does not do what it is asked.
 */
export function prismaFallbackStore(prisma: PrismaClientLike, options?: PrismaTableOptions): FallbackStore;
export function prismaFallbackStore(model: PrismaModelLike, options?: PrismaModelOptions): FallbackStore;
export function prismaFallbackStore(
  prisma: PrismaClientLike | PrismaModelLike,
  options: PrismaTableOptions & PrismaModelOptions = {},
): FallbackStore {
  const isClient = typeof Object(prisma).$queryRawUnsafe === 'function';
  const checks = isClient
    ? (clientChecks satisfies Record<keyof PrismaTableOptions | 'prisma', Check>)
    : (modelChecks satisfies Record<keyof PrismaModelOptions | 'prisma', Check>);
  requireOptions(checks, { ...options, prisma });
  const { ids = uuidIds, clock = systemClock, table = 'OnlyFansMessage', schema, columns = {} } = options;
  return isClient
    ? postgresStore(prisma as PrismaClientLike, { table, schema, columns, ids })
    : modelStore(prisma as PrismaModelLike, { clock, ids });
}
