import type { KeyChange, KeySnapshot, KeyStateStore } from '@huntaze/rate-limiter-lambda/stored';
import type { Pausing } from '../../patience.ts';
import { askThrough } from '../rows/asking.ts';
import { limiterStatements, type KeyRow, type LimiterTables } from './limiter-statements.ts';

/**
 * What a limiter calls of a Prisma client: any generated one fits, extended too. Not the client of a transaction, which
 * has no `$connect`: a delivery could not be taken back with it.
 */
export interface PrismaLimiterClientLike {
  readonly $connect: unknown;
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>;
}

/**
 * A write of so many rows always removes what expired too, one of half as many every other time. It removes up to 1,000
 * rows of each table: twice as many as are added until then.
 */
const ROWS_PER_REMOVAL = 500;

/** A key's state as a row, and what is known of each message as one. Each method is one statement. */
export function postgresKeyStore(
  prisma: PrismaLimiterClientLike,
  { clock, random, ...tables }: LimiterTables & Pausing,
): KeyStateStore {
  const statements = limiterStatements(tables);
  const ask = askThrough(prisma, { clock, random });

  return {
    async beganMs(nowMs) {
      // Rounded up: what began later is known less far back.
      const now = String(Math.ceil(nowMs));
      const rows = await ask('to say since when it knows', () =>
        prisma.$queryRawUnsafe(statements.began, now),
      );
      const [{ beganMs }] = rows as [{ beganMs: number }];
      return beganMs;
    },

    async read(key, ids) {
      const rows = await ask('to read a key', () => prisma.$queryRawUnsafe(statements.read, key, [...ids]));
      return snapshotOf((rows as [KeyRow])[0]);
    },

    async write(key, change) {
      const removes = random.next() * ROWS_PER_REMOVAL < 1 + change.records.length;
      const statement = removes ? statements.writeAndRemove : statements.write;
      // Repeated after a conflict, it finds another version: the race is lost.
      const rows = await ask('to write a key', () =>
        prisma.$queryRawUnsafe(statement, key, ...valuesOf(change)),
      );
      return (rows as [{ written: boolean }])[0].written;
    },
  };
}

function snapshotOf({ nowMs, version, state, records }: KeyRow): KeySnapshot {
  return {
    nowMs,
    ...(version !== null && { version }),
    ...(state !== null && { state }),
    records: new Map(Object.entries(records ?? {})),
  };
}

function valuesOf({ expected, version, state, keepMs, records }: KeyChange): readonly unknown[] {
  return [
    expected ?? null,
    version,
    state,
    String(keepMs),
    records.map(({ id }) => id),
    records.map(({ text }) => text),
    records.map((record) => String(record.keepMs)),
  ];
}
