import type { PrismaClientLike } from './prisma-client-like.ts';

/** What a client of Prisma has for several statements at once. The client of a transaction has none. */
type RunTogether = (
  statements: readonly PromiseLike<unknown>[],
  options: { readonly isolationLevel: 'ReadCommitted' },
) => PromiseLike<readonly unknown[]>;

/**
 * A statement that may be asked for again after a conflict. The first time it runs as the host's sessions are set. After
 * that it has a transaction of its own at read committed, at which no concurrent change is a conflict: what others change
 * all the time would otherwise keep it from ever getting through.
 */
export function readCommittedAfterConflict<Answer>(
  prisma: PrismaClientLike,
  statement: () => PromiseLike<Answer>,
): () => Promise<Answer> {
  let first = true;
  return async () => {
    const plainly = first || typeof prisma.$transaction !== 'function';
    first = false;
    if (plainly) return await statement();
    // As a method: Prisma's own looks at `this`.
    const client = prisma as { readonly $transaction: RunTogether };
    const [answer] = await client.$transaction([statement()], { isolationLevel: 'ReadCommitted' });
    return answer as Answer;
  };
}
