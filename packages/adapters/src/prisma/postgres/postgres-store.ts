import { type ChunkLimits, chunksOf, keyAndId, messageIdentity } from '@huntaze/kit';
import type { FallbackStore, Ids, StoredClaim, StoredMessage } from '@huntaze/rate-limiter-client/contract';
import type { Pausing } from '../../patience.ts';
import { askThrough } from '../rows/asking.ts';
import { inRowOrder, storableError } from '../rows/identity.ts';
import type { PrismaClientLike } from './prisma-client-like.ts';
import { readCommittedAfterConflict } from './read-committed.ts';
import { statementsFor, type ClaimedRow, type Table } from './statements.ts';

/** How much one INSERT carries: as many rows, or as many characters of bodies, whichever comes first. */
const PORTION: ChunkLimits<readonly [id: string, message: StoredMessage]> = {
  maxItems: 1_000,
  maxSize: 8 * 1024 * 1024,
  sizeOf: ([, { body }]) => body.length,
};

/** The store on a client whose database is PostgreSQL. Each method is one statement; a large `save` is several. */
export function postgresStore(
  prisma: PrismaClientLike,
  { ids, clock, random, ...table }: Table & Pausing & { readonly ids: Ids },
): FallbackStore {
  const statements = statementsFor(table);
  const askPlainly = askThrough(prisma, { clock, random });
  const ask = <Answer>(what: string, statement: (on: PrismaClientLike) => PromiseLike<Answer>) =>
    askPlainly(what, readCommittedAfterConflict(prisma, statement));

  /** Runs a statement that changes the claimed message, if the claim is the newest. */
  const settle = async (statement: string, { message, token }: StoredClaim, ...values: unknown[]) =>
    (await ask('to settle a claim', (on) =>
      on.$executeRawUnsafe(statement, messageIdentity(message), token, ...values),
    )) === 1;

  return {
    async save(messages) {
      for (const rows of chunksOf(inRowOrder(messages), PORTION)) {
        await ask('to store messages', (on) =>
          on.$executeRawUnsafe(
            statements.save,
            rows.map(([id]) => id),
            rows.map(([, { body }]) => body),
            rows.map(([, { storedAtMs }]) => String(storedAtMs)),
            rows.map(([, { error }]) => storableError(error)),
          ),
        );
      }
    },

    async claim({ limit, leaseMs }) {
      const token = ids.next();
      const claimed = await ask('to claim messages', (on) =>
        on.$queryRawUnsafe(statements.claim, String(limit), String(leaseMs), token),
      );
      // RETURNING has no order of its own.
      const rows = (claimed as readonly ClaimedRow[]).toSorted((a, b) => a.wasDueAtMs - b.wasDueAtMs);
      return rows.map(({ id, body, storedAtMs, attempts, lastError }) => ({
        message: { ...keyAndId(id), body, storedAtMs, error: lastError },
        token,
        attempt: attempts,
      }));
    },

    markReplayed: (claim) => settle(statements.markReplayed, claim),

    markFailed: (claim, failure) => {
      const error = storableError(failure.error);
      return 'dead' in failure
        ? settle(statements.giveUp, claim, error)
        : settle(statements.retry, claim, error, String(failure.retryAfterMs), failure.untried ? '1' : '0');
    },

    async counts() {
      const rows = await ask('to count messages', (on) => on.$queryRawUnsafe(statements.counts));
      const [{ pending, dead }] = rows as [{ pending: number; dead: number }];
      return { pending, dead };
    },
  };
}
