import type {
  Clock,
  FallbackStore,
  Ids,
  StoredClaim,
  StoredMessage,
} from '@huntaze/rate-limiter-client/contract';
import { asking } from '../asking.ts';
import { identityOf, inRowOrder, rowIdOf, storableError } from '../identity.ts';
import type { PrismaModelLike, PrismaRow } from './prisma-model-like.ts';

/** Prisma's code for a row that another call has inserted in the meantime: then it is known. */
const UNIQUE_CONSTRAINT_FAILED = 'P2002';

/** How often a claim looks again because others took all that it had found. */
const MAX_LOOKS = 20;

/**
 * The store on a model alone. A message is claimed by changing it while it still has the `dueAt` with which it was
 * found: of two claimers that found it, one changes it and the other changes nothing.
 */
export function modelStore(
  model: PrismaModelLike,
  { clock, ids }: { readonly clock: Clock; readonly ids: Ids },
): FallbackStore {
  const take = async (row: PrismaRow, token: string, untilMs: number): Promise<StoredClaim | undefined> => {
    const { id, body, storedAt, dueAt, lastError } = row;
    const attempt = row.attempts + 1;
    const { count } = await asking('to claim a message', () =>
      model.updateMany({
        where: { id, ...(dueAt && { dueAt }) },
        data: { dueAt: new Date(untilMs), attempts: attempt, claimToken: token },
      }),
    );
    if (count === 0) return undefined;
    const error = lastError ?? '';
    const message = { ...identityOf(id), body: body ?? '', storedAtMs: storedAt?.getTime() ?? 0, error };
    return { message, token, attempt };
  };

  return {
    async save(messages) {
      for (const [id, message] of inRowOrder(messages)) {
        await asking('to store a message', () => insert(model, id, message, clock.nowMs()));
      }
    },

    async claim({ limit, leaseMs }) {
      const token = ids.next();
      const claims: StoredClaim[] = [];
      for (let look = 1; look <= MAX_LOOKS && claims.length === 0; look++) {
        const nowMs = clock.nowMs();
        const due = await asking('to find messages', () =>
          model.findMany({
            where: { dueAt: { lte: new Date(nowMs) } },
            orderBy: { dueAt: 'asc' },
            take: limit,
          }),
        );
        if (due.length === 0) break;
        for (const row of due) {
          const claim = await take(row, token, nowMs + leaseMs);
          if (claim) claims.push(claim);
        }
      }
      return claims;
    },

    async markReplayed({ message, token }) {
      const where = { id: rowIdOf(message), claimToken: token };
      return (await asking('to settle a claim', () => model.deleteMany({ where }))).count === 1;
    },

    async markFailed({ message, token }, failure) {
      const fate =
        'dead' in failure
          ? { dueAt: null, deadAt: new Date(clock.nowMs()) }
          : { dueAt: new Date(failure.retryAtMs) };
      const data = { ...fate, claimToken: null, lastError: storableError(failure.error) };
      const where = { id: rowIdOf(message), claimToken: token };
      return (await asking('to settle a claim', () => model.updateMany({ where, data }))).count === 1;
    },

    counts: () =>
      asking('to count messages', async () => ({
        pending: await model.count({ where: { dueAt: { not: null } } }),
        dead: await model.count({ where: { deadAt: { not: null } } }),
      })),
  };
}

async function insert(model: PrismaModelLike, id: string, message: StoredMessage, nowMs: number) {
  const create = {
    id,
    body: message.body,
    storedAt: new Date(message.storedAtMs),
    dueAt: new Date(Math.min(message.storedAtMs, nowMs)),
    lastError: storableError(message.error),
  };
  try {
    await model.upsert({ where: { id }, create, update: {}, select: { id: true } });
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_CONSTRAINT_FAILED) throw error;
  }
}
