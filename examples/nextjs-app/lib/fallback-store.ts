import { PrismaPg } from '@prisma/adapter-pg';
import { prismaFallbackStore } from '@huntaze/rate-limiter-adapters/prisma';
import type { FallbackStore } from '@huntaze/rate-limiter-client';
import { PrismaClient } from './generated/prisma/client.ts';

/** Where messages go while SQS cannot be reached: the app's own PostgreSQL. Without one, sending fails then. */
export function fallbackStore(): FallbackStore | undefined {
  const connectionString = process.env['DATABASE_URL'];
  if (!connectionString) return undefined;
  return prismaFallbackStore(new PrismaClient({ adapter: new PrismaPg({ connectionString }) }));
}
