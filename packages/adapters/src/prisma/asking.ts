import { StoreUnavailableError } from '@huntaze/rate-limiter-client/contract';

/**
 * Asks the database something.
 *
 * Prisma's errors quote the call they come from, and PostgreSQL's the value it could not read: what is thrown here
 * says only their kind and code, for bodies belong in no log.
 * @throws {StoreUnavailableError} when the database does not do it.
 */
export async function asking<Answer>(what: string, ask: () => PromiseLike<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw new StoreUnavailableError(
      `expected the database ${what}, found ${describe(error)}: check that it is reachable, that the migration was applied, and the user's grants`,
    );
  }
}

interface PrismaError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly meta?: {
    readonly code?: unknown;
    readonly driverAdapterError?: { readonly name?: unknown; readonly cause?: unknown };
  };
}

/** Its class, Prisma's code, the database's code: `PrismaClientKnownRequestError P2010 42P01`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'something thrown that is no error';
  const { name, code, meta } = error as PrismaError;
  const cause = meta?.driverAdapterError?.cause as { originalCode?: unknown; kind?: unknown } | undefined;
  return [name, code, meta?.code, cause?.kind, cause?.originalCode]
    .filter((part): part is string => typeof part === 'string' && /^[\w.-]{1,60}$/.test(part))
    .join(' ');
}
