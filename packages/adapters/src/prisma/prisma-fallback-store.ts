import type { Clock, FallbackStore, Ids, Random } from '@huntaze/rate-limiter-client/contract';
import { readOptions } from '../require-options.ts';
import { modelStore } from './model/model-store.ts';
import type { PrismaModelLike } from './model/prisma-model-like.ts';
import { client, clientTable, model, modelTable } from './option-checks.ts';
import { postgresStore } from './postgres/postgres-store.ts';
import type { PrismaClientLike } from './postgres/prisma-client-like.ts';
import type { ColumnName } from './postgres/statements.ts';

/** Where the messages are, when the store is given a client. */
export interface PrismaTableOptions extends Pick<PrismaModelOptions, 'ids'> {
  /** The table's name in the database. Default: `OnlyFansMessage`. */
  readonly table?: string;
  /** The table's schema. Default: the first one of the connection's search path that has the table. */
  readonly schema?: string;
  /** Columns with another name than the field, such as `{ storedAtMs: 'stored_at_ms' }`. */
  readonly columns?: Readonly<Partial<Record<ColumnName, string>>>;
  /** Of the pauses before what was at odds with another statement is made again. Default: the system's clock. */
  readonly clock?: Clock;
  /** Source of jitter of these pauses. Default: the engine's generator. */
  readonly random?: Random;
}

/** How a store on a model differs from the usual one. */
export interface PrismaModelOptions {
  /**
   * Of pauses, as above, and of time where the database cannot be asked for it (all but PostgreSQL, CockroachDB, MySQL,
   * MariaDB and SQLite): there, hosts whose clocks differ by more than a lease take each other's claims, and one whose
   * clock is ahead hides messages from the others. Default: the system's clock.
   */
  readonly clock?: Clock;
  /** Source of fencing tokens. Default: UUIDs. */
  readonly ids?: Ids;
  /** Source of jitter. Default: the engine's generator. */
  readonly random?: Random;
}

/**
 * A fallback store in a database that the host reaches with Prisma: 7, or 6 with `engineType = "client"`.
 *
 * - Given a client (`prisma`, an extended one, or the client of a transaction) it speaks SQL to **PostgreSQL**: one
 *   round trip per call, time is the database's own, claims skip what others are claiming.
 * - Given a model (`prisma.onlyFansMessage`) it uses Prisma's own queries and works with **any database**: a claim
 *   takes one round trip more per message, and the database's time is a question of its own.
 *
 * With the client of a transaction, what `save` stores is there if and when the transaction commits: an outbox.
 * @throws {ConfigurationError} with every problem of the options.
 * @throws {StoreUnavailableError} from every method, when a call of the database fails.
 */
export function prismaFallbackStore(prisma: PrismaClientLike, options?: PrismaTableOptions): FallbackStore;
export function prismaFallbackStore(model: PrismaModelLike, options?: PrismaModelOptions): FallbackStore;
export function prismaFallbackStore(
  prisma: PrismaClientLike | PrismaModelLike,
  options: PrismaTableOptions & PrismaModelOptions = {},
): FallbackStore {
  const isClient = typeof Object(prisma).$queryRawUnsafe === 'function';
  const problems = (isClient ? client : model)(prisma, 'prisma', {});
  return isClient
    ? postgresStore(prisma as PrismaClientLike, readOptions(clientTable, options, '', problems))
    : modelStore(
        prisma as PrismaModelLike,
        readOptions<PrismaModelOptions, typeof modelTable>(modelTable, options, '', problems),
      );
}
