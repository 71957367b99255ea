import { systemClock, type Clock } from '@huntaze/rate-limiter-client/contract';
import { fallbackStoreContract } from '@huntaze/rate-limiter-client/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contend, eachOnce } from './contention.fixture.ts';
import { openTestMysql } from './mysql.fixture.ts';
import { prismaFallbackStore } from './prisma-fallback-store.ts';

/** Much longer than any test, for time passes on a server while tests work. */
const LEASE_MS = 1_800_000;

const MESSAGES = 100;

/** A clock that is wrong by so much. */
const skewed = (aheadMs: number): Clock => ({ ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs });

/** How sessions may be set, and the statement that does it. MariaDB has the last setting from 10.11.8 on, MySQL never. */
const sessions = {
  'read committed': ['SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'],
  'repeatable read': ['SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ'],
  serializable: ['SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE'],
  'repeatable read, and refuse rows that changed since they were read': [
    'SET SESSION /*M!101108 innodb_snapshot_isolation = ON, */ sql_notes = 1',
  ],
};

const mysql = await openTestMysql();
afterAll(() => mysql?.close());
const client = (...begin: readonly string[]) => {
  if (!mysql) throw new Error('expected a server, found none');
  return mysql.client(...begin);
};

describe.skipIf(!mysql)(
  `a model of ${mysql?.version ?? 'MySQL or MariaDB'} (skipped without a server at MYSQL_URL or on 127.0.0.1:3306)`,
  () => {
    let prisma: ReturnType<typeof client>;
    let abroad: ReturnType<typeof client>;
    beforeAll(() => {
      prisma = client();
      abroad = client(`SET time_zone = '+05:30'`);
    });
    const empty = () => prisma.$executeRawUnsafe('TRUNCATE `OnlyFansMessage`');

    describe('in sessions of another time zone', () => {
      const make = async () => {
        await empty();
        const seenFrom = ({ aheadMs }: { readonly aheadMs: number }) =>
          prismaFallbackStore(abroad.onlyFansMessage, { clock: skewed(aheadMs) });
        const elapse = async (ms: number) =>
          void (await prisma.$executeRawUnsafe(
            `UPDATE \`OnlyFansMessage\` SET \`dueAtMs\` = \`dueAtMs\` - ${Math.ceil(ms)}`,
          ));
        return { store: seenFrom({ aheadMs: 0 }), seenFrom, nowMs: systemClock.nowMs, elapse };
      };
      it.each(fallbackStoreContract({ make, volume: 200, leaseMs: LEASE_MS }))('$name', ({ run }) => run());
    });

    it.each(Object.entries(sessions))(
      'gives each message once to twelve replays at once, and lets all savers through, in sessions that are %s',
      async (_, begin) => {
        await empty();
        const contended = client(...begin);
        const store = prismaFallbackStore(contended.onlyFansMessage);
        expect(await contend(store, MESSAGES)).toEqual(eachOnce(MESSAGES));
        await contended.$disconnect();
      },
    );
  },
);
