import type { FallbackStore } from '@huntaze/rate-limiter-client/contract';
import { describe, expectTypeOf, it } from 'vitest';
import type { PrismaClient as Client6 } from '../../generated/prisma-6/six/client.ts';
import type { PrismaClient as CustomClient } from '../../generated/postgresql/custom/index.js';
import type { PrismaClient } from '../../generated/postgresql/plain/client.ts';
import type { PrismaClient as SqliteClient } from '../../generated/sqlite/plain/client.ts';
import { prismaFallbackStore } from './index.ts';

declare const prisma: PrismaClient;
declare const custom: CustomClient;
declare const sqlite: SqliteClient;
declare const prisma6: Client6;

const extend = () =>
  prisma.$extends({
    model: { $allModels: { async audit() {} } },
    query: { onlyFansMessage: { findMany: async ({ args, query }) => query(args) } },
    result: {
      onlyFansMessage: { age: { needs: { storedAtMs: true }, compute: ({ storedAtMs }) => storedAtMs } },
    },
  });

describe('a store is made without a type argument', () => {
  it('of the client that Prisma generates, and of its model', () => {
    expectTypeOf(prismaFallbackStore(prisma)).toEqualTypeOf<FallbackStore>();
    expectTypeOf(prismaFallbackStore(prisma.onlyFansMessage)).toEqualTypeOf<FallbackStore>();
  });

  it('of one that is generated in a folder of the host’s choice', () => {
    expectTypeOf(prismaFallbackStore(custom)).toEqualTypeOf<FallbackStore>();
    expectTypeOf(prismaFallbackStore(custom.onlyFansMessage)).toEqualTypeOf<FallbackStore>();
  });

  it('of one of Prisma 6, of its model, and of its transactions', async () => {
    expectTypeOf(prismaFallbackStore(prisma6)).toEqualTypeOf<FallbackStore>();
    expectTypeOf(prismaFallbackStore(prisma6.onlyFansMessage)).toEqualTypeOf<FallbackStore>();
    await prisma6.$transaction(async (tx) => {
      expectTypeOf(prismaFallbackStore(tx)).toEqualTypeOf<FallbackStore>();
    });
  });

  it('of one for another database', () => {
    expectTypeOf(prismaFallbackStore(sqlite.onlyFansMessage)).toEqualTypeOf<FallbackStore>();
  });

  it('of one with extensions', () => {
    const extended = extend();
    expectTypeOf(prismaFallbackStore(extended)).toEqualTypeOf<FallbackStore>();
    expectTypeOf(prismaFallbackStore(extended.onlyFansMessage)).toEqualTypeOf<FallbackStore>();
  });

  it('of those that transactions hand out', async () => {
    await prisma.$transaction(async (tx) => {
      expectTypeOf(prismaFallbackStore(tx)).toEqualTypeOf<FallbackStore>();
      expectTypeOf(prismaFallbackStore(tx.onlyFansMessage)).toEqualTypeOf<FallbackStore>();
    });
    await extend().$transaction(async (tx) => {
      expectTypeOf(prismaFallbackStore(tx)).toEqualTypeOf<FallbackStore>();
    });
    await custom.$transaction(async (tx) => {
      expectTypeOf(prismaFallbackStore(tx)).toEqualTypeOf<FallbackStore>();
    });
  });

  it('and not of anything else', () => {
    // @ts-expect-error: neither a client nor a model
    prismaFallbackStore({ query: async () => [] });
    // @ts-expect-error: columns have the names of the schema fragment
    prismaFallbackStore(prisma, { columns: { created: 'created_at' } });
    // @ts-expect-error: a model's table is known to Prisma
    prismaFallbackStore(prisma.onlyFansMessage, { table: 'messages' });
  });
});
