import { keyAndId, messageIdentity } from '@huntaze/kit';
import type { FallbackStore, Ids, StoredClaim, StoredMessage } from '@huntaze/rate-limiter-client/contract';
import type { Pausing } from '../../patience.ts';
import { askThrough } from '../rows/asking.ts';
import { inRowOrder, storableError } from '../rows/identity.ts';
import { databaseTime, type ModelsClient } from './database-time.ts';
import type { PrismaModelLike, PrismaRow } from './prisma-model-like.ts';

/** Prisma's code for a row that another call has inserted in the meantime: then it is known. */
const UNIQUE_CONSTRAINT_FAILED = 'P2002';

/** How often a claim looks again because others took all that it had found. */
const MAX_LOOKS = 20;

const columns = {
  id: true,
  body: true,
  storedAtMs: true,
  attempts: true,
  dueAtMs: true,
  lastError: true,
} as const;

/**
 * The store on a model alone. A message is claimed by changing it while it still has the `dueAtMs` with which it was
 * found: of two claimers that found it, one changes it and the other changes nothing.
 */
export function modelStore(
  model: PrismaModelLike,
  { ids, ...pausing }: Pausing & { readonly ids: Ids },
): FallbackStore {
  const client = model.$parent as ModelsClient | undefined;
  const ask = askThrough(client, pausing);
  const present = databaseTime(client, ask, pausing.clock);

  const take = async (row: PrismaRow, token: string, untilMs: number): Promise<StoredClaim | undefined> => {
    const { id, body, storedAtMs, dueAtMs, lastError } = row;
    const attempt = row.attempts + 1;
    const { count } = await ask('to claim a message', () =>
      model.updateMany({
        where: { id, ...(dueAtMs !== null && { dueAtMs }) },
        data: { dueAtMs: whole(untilMs), attempts: attempt, claimToken: token },
      }),
    );
    if (count === 0) return undefined;
    const error = lastError ?? '';
    const message = { ...keyAndId(id), body: body ?? '', storedAtMs: Number(storedAtMs), error };
    return { message, token, attempt };
  };

  /** Claims the rows that were found. Claims made before the database fails are returned all the same: no other process gets them now. */
  const takeAll = async (due: readonly PrismaRow[], token: string, untilMs: number) => {
    const claims: StoredClaim[] = [];
    try {
      for (const row of due) {
        const claim = await take(row, token, untilMs);
        if (claim) claims.push(claim);
      }
    } catch (error) {
      if (claims.length === 0) throw error;
    }
    return claims;
  };

  return {
    async save(messages) {
      const rows = inRowOrder(messages);
      if (rows.length === 0) return;
      const nowMs = await present();
      for (const [id, message] of rows) {
        await ask('to store a message', () => insert(model, id, message, nowMs));
      }
    },

    async claim({ limit, leaseMs }) {
      const token = ids.next();
      for (let look = 1; look <= MAX_LOOKS; look++) {
        const nowMs = await present();
        const due = await ask('to find messages', () =>
          model.findMany({
            where: { dueAtMs: { lte: whole(nowMs) } },
            orderBy: { dueAtMs: 'asc' },
            take: limit,
            select: columns,
          }),
        );
        if (due.length === 0) break;
        const claims = await takeAll(due, token, nowMs + leaseMs);
        if (claims.length > 0) return claims;
      }
      return [];
    },

    async markReplayed({ message, token }) {
      const where = { id: messageIdentity(message), claimToken: token };
      return (await ask('to settle a claim', () => model.deleteMany({ where }))).count === 1;
    },

    async markFailed({ message, token, attempt }, failure) {
      const nowMs = await present();
      const fate =
        'dead' in failure
          ? { dueAtMs: null, deadAtMs: whole(nowMs) }
          : {
              dueAtMs: whole(nowMs + failure.retryAfterMs),
              ...(failure.untried && { attempts: attempt - 1 }),
            };
      const data = { ...fate, claimToken: null, lastError: storableError(failure.error) };
      const where = { id: messageIdentity(message), claimToken: token };
      return (await ask('to settle a claim', () => model.updateMany({ where, data }))).count === 1;
    },

    counts: () =>
      ask('to count messages', async () => ({
        pending: await model.count({ where: { dueAtMs: { not: null } } }),
        dead: await model.count({ where: { deadAtMs: { not: null } } }),
      })),
  };
}

async function insert(model: PrismaModelLike, id: string, message: StoredMessage, nowMs: number) {
  const create = {
    id,
    body: message.body,
    storedAtMs: whole(message.storedAtMs),
    dueAtMs: whole(Math.min(message.storedAtMs, nowMs)),
    lastError: storableError(message.error),
  };
  try {
    await model.upsert({ where: { id }, create, update: {}, select: { id: true } });
  } catch (error) {
    if ((error as { code?: unknown }).code !== UNIQUE_CONSTRAINT_FAILED) throw error;
  }
}

/** @throws {RangeError} when it is no number. */
function whole(ms: number): bigint {
  return BigInt(Math.round(ms));
}
