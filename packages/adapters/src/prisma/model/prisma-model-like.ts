/** A row as the schema fragment describes it. Null where it is none of ours. */
export interface PrismaRow {
  readonly id: string;
  readonly body: string | null;
  readonly storedAtMs: bigint | null;
  readonly attempts: number;
  readonly dueAtMs: bigint | null;
  readonly lastError: string | null;
}

/** The columns of a message when it is stored. */
interface NewRow {
  id: string;
  body: string;
  storedAtMs: bigint;
  dueAtMs: bigint;
  lastError: string;
}

/** Picks the row that a claim is the newest of, or that is still as it was read. */
interface OneRow {
  id: string;
  claimToken?: string;
  dueAtMs?: bigint;
}

interface Change {
  dueAtMs?: bigint | null;
  deadAtMs?: bigint;
  attempts?: number;
  claimToken?: string | null;
  lastError?: string;
}

/** Every column by name: a client can be told to leave some out of what it reads (`omit`). */
interface ReadColumns {
  id: true;
  body: true;
  storedAtMs: true;
  attempts: true;
  dueAtMs: true;
  lastError: true;
}

/** The part of a model's delegate that a store calls: `prisma.onlyFansMessage` of any generated client fits. */
export interface PrismaModelLike {
  /** The client that the model is of. Prisma has it on every model, and names it in the types of extensions alone. */
  readonly $parent?: unknown;
  upsert(args: {
    where: { id: string };
    create: NewRow;
    update: { id?: string };
    select: { id: true };
  }): PromiseLike<unknown>;
  findMany(args: {
    where: { dueAtMs: { lte: bigint } };
    orderBy: { dueAtMs: 'asc' };
    take: number;
    select: ReadColumns;
  }): PromiseLike<readonly PrismaRow[]>;
  updateMany(args: { where: OneRow; data: Change }): PromiseLike<{ readonly count: number }>;
  deleteMany(args: { where: OneRow }): PromiseLike<{ readonly count: number }>;
  count(args: { where: { dueAtMs: { not: null } } | { deadAtMs: { not: null } } }): PromiseLike<number>;
}
