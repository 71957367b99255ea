import type { Limiter } from '@huntaze/rate-limiter-lambda';
import { describe, expectTypeOf, it } from 'vitest';
import type { PrismaClient as Client6 } from '../../../generated/prisma-6/six/client.ts';
import type { PrismaClient as CustomClient } from '../../../generated/postgresql/custom/index.js';
import type { PrismaClient } from '../../../generated/postgresql/plain/client.ts';
import { prismaLimiter } from './index.ts';

declare const prisma: PrismaClient;
declare const custom: CustomClient;
declare const prisma6: Client6;

const extend = () => prisma.$extends({ model: { $allModels: { async audit() {} } } });

describe('a limiter is made without a type argument', () => {
  it('of every client that Prisma generates, also with extensions', () => {
    expectTypeOf(prismaLimiter(prisma)).toExtend<Limiter>();
    expectTypeOf(prismaLimiter(custom)).toExtend<Limiter>();
    expectTypeOf(prismaLimiter(prisma6)).toExtend<Limiter>();
    expectTypeOf(prismaLimiter(extend(), { upstream: 'onlyfans' })).toExtend<Limiter>();
  });

  it('and not of the client of a transaction, nor with options of another limiter', async () => {
    await prisma.$transaction(async (tx) => {
      // @ts-expect-error: what a limiter grants could be taken back
      prismaLimiter(tx);
    });
    // @ts-expect-error: the database has one clock
    prismaLimiter(prisma, { clockSkewMs: 10 });
  });
});
