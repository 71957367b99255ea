import type { PrismaClientLike } from './prisma-client-like.ts';

/** The client of a transaction has no such method. */
interface RunsTogether {
  $transaction(statements: readonly unknown[], options: object): PromiseLike<readonly unknown[]>;
}

/**
 * A statement that may be asked for again after a conflict. The first time it runs as the host's sessions are set, then
 * in a transaction of its own at read committed, at which no concurrent change is a conflict: what others change all the
 * time would otherwise keep it from ever getting through.
 */
export function readCommittedAfterConflict<Answer>(
  prisma: PrismaClientLike,
  statement: () => PromiseLike<Answer>,
): () => Promise<Answer> {
  let plainly = true;
  return async () => {
    if (plainly || typeof prisma.$transaction !== 'function') {
      plainly = false;
      return await statement();
    }
    const together = (prisma as RunsTogether).$transaction([statement()], {
      isolationLevel: 'ReadCommitted',
    });
    return (await together)[0] as Answer;
  };
}
