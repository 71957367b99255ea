export {
  prismaFallbackStore,
  type PrismaModelOptions,
  type PrismaTableOptions,
} from './prisma-fallback-store.ts';
export type { PrismaClientLike } from './postgres/prisma-client-like.ts';
export type { PrismaModelLike, PrismaRow } from './model/prisma-model-like.ts';
export type { ColumnName } from './postgres/statements.ts';
