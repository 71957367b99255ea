export { prismaLimiter, type PrismaLimiterOptions } from './prisma-limiter.ts';
export type { PrismaLimiterClientLike } from './postgres-key-store.ts';
