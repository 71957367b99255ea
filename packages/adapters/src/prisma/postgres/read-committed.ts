import type { PrismaClientLike } from './prisma-client-like.ts';

/** The client of a transaction has no such method. */
interface Transacts {
  $transaction<Answer>(
    work: (on: PrismaClientLike) => Promise<Answer>,
    options: { readonly isolationLevel: 'ReadCommitted' },
  ): Promise<Answer>;
}

/**
 * A statement that may be asked for again after a conflict. The first time it runs as the host's sessions are set, then
 * in a transaction of its own at read committed, at which no concurrent change is a conflict: what others change all the
 * time would otherwise keep it from ever getting through.
 */
export function readCommittedAfterConflict<Answer>(
  prisma: PrismaClientLike,
  statement: (on: PrismaClientLike) => PromiseLike<Answer>,
): () => Promise<Answer> {
  let plainly = true;
  return async () => {
    if (plainly || typeof prisma.$transaction !== 'function') {
      plainly = false;
      return await statement(prisma);
    }
    const isolationLevel = 'ReadCommitted';
    return await (prisma as Transacts).$transaction(async (on) => await statement(on), { isolationLevel });
  };
}
