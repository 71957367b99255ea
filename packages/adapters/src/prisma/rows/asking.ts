import { namesAmong } from '@huntaze/kit';
import { StoreUnavailableError } from '@huntaze/rate-limiter-client/contract';
import { patience, type Pausing } from '../../patience.ts';

/**
 * Asks the database something.
 *
 * A statement that the database took back, because it was at odds with another one, is made again for up to 3 s.
 * Prisma's errors quote the call they come from, and PostgreSQL's the value it could not read: what is thrown here
 * says only their kind and code, for bodies belong in no log.
 * @throws {StoreUnavailableError} when the database does not do it.
 */
export type Ask = <Answer>(what: string, ask: () => PromiseLike<Answer>) => Promise<Answer>;

/**
 * Asks through a client. In a transaction of the host nothing is repeated: a conflict has undone the whole of it, so
 * only the host can repeat it.
 */
export function askThrough(client: unknown, pausing: Pausing): Ask {
  // A client with connections of its own has this method, the client of a transaction has not.
  const repeats = typeof Object(client).$connect === 'function';
  return async (what, ask) => {
    try {
      return await patience(pausing, (error) => repeats && isRefusal(error)).repeat(async () => await ask());
    } catch (error) {
      throw new StoreUnavailableError(
        `expected the database ${what}, found ${describe(error)}: ${isConflict(error) ? CONFLICT_REMEDY : REMEDY}`,
      );
    }
  };
}

const REMEDY = "check that it is reachable, that the migration was applied, and the user's grants";
const CONFLICT_REMEDY = 'repeat it, in a transaction of your own the whole transaction';

interface PrismaError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly meta?: {
    readonly code?: unknown;
    readonly driverAdapterError?: { readonly name?: unknown; readonly cause?: unknown };
  };
}

/** What a statement is refused with that another one was in the way of, and that was undone. */
const CONFLICTS: ReadonlySet<unknown> = new Set([
  // Prisma's code, and its drivers' adapters' word
  'P2034',
  'TransactionWriteConflict',
  // PostgreSQL, CockroachDB: serialization_failure, deadlock_detected, and lock_not_available after a `lock_timeout`
  '40001',
  '40P01',
  '55P03',
  // MySQL, MariaDB: ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, and ER_CHECKREAD under MariaDB's `innodb_snapshot_isolation`
  '1213',
  '1205',
  '1020',
]);

/** Whether the database has undone a statement because of another one. Repeating it is right whatever it was. */
function isConflict(error: unknown): boolean {
  return codesOf(error).some((code) => CONFLICTS.has(code));
}

/** A conflict, or a transaction without a free connection. The code of that, P2028, may also stand for a lost commit. */
function isRefusal(error: unknown): boolean {
  return isConflict(error) || /Unable to start a transaction/.test(String(Object(error).message));
}

/** Prisma's code, the database's code as Prisma has it, what the driver's adapter made of it, and had of the driver. */
export function codesOf(error: unknown): readonly unknown[] {
  const { code, meta } = Object(error) as PrismaError;
  const cause = meta?.driverAdapterError?.cause as { originalCode?: unknown; kind?: unknown } | undefined;
  return [code, meta?.code, cause?.kind, cause?.originalCode];
}

/** Its class, Prisma's code, the database's code: `PrismaClientKnownRequestError P2010 42P01`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'something thrown that is no error';
  return namesAmong(error.name, ...codesOf(error)) ?? 'an error without a name';
}
