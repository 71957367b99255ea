import { having } from '@huntaze/kit/checks';
import { systemClock, systemRandom } from '@huntaze/rate-limiter-client/contract';
import { storedLimiter, type StoredLimiterOptions } from '@huntaze/rate-limiter-lambda/stored';
import { readOptions } from '../../require-options.ts';
import { name } from '../option-checks.ts';
import { postgresKeyStore, type PrismaLimiterClientLike } from './postgres-key-store.ts';

/** How a limiter differs from the usual one, and where it keeps what it knows. */
export interface PrismaLimiterOptions extends Omit<StoredLimiterOptions, 'store' | 'clockSkewMs'> {
  /** The schema of both tables. Default: the first one of the connection's search path that has them. */
  readonly schema?: string;
  /** The table of keys. Default: `rate_limiter_keys`. */
  readonly keyTable?: string;
  /** The table of messages. Default: `rate_limiter_messages`. */
  readonly messageTable?: string;
}

const client = having('$connect', '$queryRawUnsafe');

/** Of an option that the stored limiter checks, and has a default for. */
const passedOn = { check: () => [], default: undefined };

const table = {
  schema: { check: name, default: undefined },
  keyTable: { check: name, default: 'rate_limiter_keys' },
  messageTable: { check: name, default: 'rate_limiter_messages' },
  upstream: passedOn,
  rememberMs: passedOn,
  coldStart: passedOn,
  timeoutMs: passedOn,
  clock: passedOn,
  random: passedOn,
  ids: passedOn,
};

/**
 * A limiter in a **PostgreSQL** that the host reaches with Prisma (7, or 6 with `engineType = "client"`), shared by all
 * processes that use the same tables. A question is two round trips, and two more for each time that another process
 * changed the same key in between. Time is the database's own, so the clocks of hosts do not matter.
 * @throws {ConfigurationError} when an option is wrong.
 * @throws {LimiterUnavailableError} from every method, when the database does not answer in time.
 */
export function prismaLimiter(
  prisma: PrismaLimiterClientLike,
  options: PrismaLimiterOptions = {},
): ReturnType<typeof storedLimiter> {
  const problems = client(prisma, 'prisma', {});
  const { schema, keyTable, messageTable, ...rest } = readOptions<PrismaLimiterOptions, typeof table>(
    table,
    options,
    '',
    problems,
  );
  const clock = rest.clock ?? systemClock;
  const store = postgresKeyStore(prisma, { schema, keyTable, messageTable, clock, random: systemRandom });
  // What was left out is undefined, which it takes for left out.
  return storedLimiter({ ...rest, store, clockSkewMs: 0 } as StoredLimiterOptions);
}
