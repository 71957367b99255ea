import { storedLimiter } from '@huntaze/rate-limiter-lambda/stored';
import { postgresForTests } from '@huntaze/testkit';
import { afterAll } from 'vitest';
import { describeLimiterContract } from '../../../../lambda/src/testing/limiter/limiter-contract.ts';
import { describeMemory } from '../../../../lambda/src/testing/limiter/memory.ts';
import { prisma6For, prismaFor } from '../prisma.fixture.ts';
import { keyStore, limiterMigration, timelessPart } from './limiter.fixture.ts';

const database = await postgresForTests();
await database.sql(await limiterMigration());
const prisma = prismaFor(database.url);
const prisma6 = prisma6For(database.url);
afterAll(async () => {
  await Promise.all([prisma, prisma6].map((client) => client.$disconnect()));
});

/** Every limiter begins with nothing. Every write removes what expired. */
let made = 0;
const always = () => 0;
const optionsOf = (client: Parameters<typeof keyStore>[0]) => ({
  store: timelessPart(keyStore(client, always), String(made++)),
  coldStart: 'full' as const,
  clockSkewMs: 0,
});

describeLimiterContract('Prisma', {
  make: (clock, upstream) =>
    storedLimiter({ ...optionsOf(prisma), clock, ...(upstream !== undefined && { upstream }) }),
});
describeMemory('Prisma', (clock, rememberMs) => storedLimiter({ ...optionsOf(prisma6), clock, rememberMs }));
