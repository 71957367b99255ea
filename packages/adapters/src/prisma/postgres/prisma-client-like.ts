/** What a store calls of a Prisma client: any generated one fits, extended or inside a transaction too. */
export interface PrismaClientLike {
  /** The client of a transaction has none. */
  readonly $connect?: unknown;
  readonly $transaction?: unknown;
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>;
  $executeRawUnsafe(query: string, ...values: unknown[]): PromiseLike<number>;
}
