/** A row as the schema fragment describes it. Null where it is none of ours. */
export interface PrismaRow {
  readonly id: string;
  readonly body: string | null;
  readonly storedAt: Date | null;
  readonly attempts: number;
  readonly dueAt: Date | null;
  readonly lastError: string | null;
}

/** What is known of a message when it is stored. */
interface NewRow {
  id: string;
  body: string;
  storedAt: Date;
  dueAt: Date;
  lastError: string;
}

/** Picks the row that a claim is the newest of, or that is still as it was read. */
interface OneRow {
  id: string;
  claimToken?: string;
  dueAt?: Date;
}

interface Change {
  dueAt?: Date | null;
  deadAt?: Date;
  attempts?: number;
  claimToken?: string | null;
  lastError?: string;
}

interface Counted {
  readonly count: number;
}

/** What a store calls of a model's delegate: `prisma.onlyFansMessage` of any generated client fits. */
export interface PrismaModelLike {
  upsert(args: {
    where: { id: string };
    create: NewRow;
    update: { id?: string };
    select: { id: true };
  }): PromiseLike<unknown>;
  findMany(args: {
    where: { dueAt: { lte: Date } };
    orderBy: { dueAt: 'asc' };
    take: number;
  }): PromiseLike<readonly PrismaRow[]>;
  updateMany(args: { where: OneRow; data: Change }): PromiseLike<Counted>;
  deleteMany(args: { where: OneRow }): PromiseLike<Counted>;
  count(args: { where: { dueAt: { not: null } } | { deadAt: { not: null } } }): PromiseLike<number>;
}
