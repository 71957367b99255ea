import { slidingWindow } from '@huntaze/rate-limiter-lambda';
import type { Admission, Limiter } from '@huntaze/rate-limiter-lambda';
import { postgresForTests } from '@huntaze/testkit';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { prismaFor } from '../prisma.fixture.ts';
import { prismaLimiter } from './index.ts';
import { keyStore, limiterMigration, listeningPrismaFor, pooledPrismaFor } from './limiter.fixture.ts';

const LIMIT = 10;
const question = {
  key: 'account-1',
  limits: [slidingWindow({ limit: LIMIT, windowMs: 3_600_000 })],
  marginMs: 0,
  leaseMs: 60_000,
};
const limiterOptions = { coldStart: 'full', timeoutMs: 20_000 } as const;

const database = await postgresForTests();
await database.sql(await limiterMigration());
const open: { $disconnect(): Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(open.map((prisma) => prisma.$disconnect()));
});
beforeEach(() => database.sql('TRUNCATE rate_limiter_keys, rate_limiter_messages'));

/** A client that is closed after the tests. */
function opened<Client extends { $disconnect(): Promise<void> }>(client: Client): Client {
  open.push(client);
  return client;
}

function urlWith(isolation: string): string {
  const url = new URL(database.url);
  url.searchParams.set('options', `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`);
  return url.href;
}

const ask = async (limiter: Limiter, ids: readonly string[]) =>
  limiter.admit({ ...question, candidates: ids.map((id) => ({ id, priority: 'medium' })) });
const claimedOf = (admissions: readonly Admission[]) =>
  admissions.flatMap((one) => (one.kind === 'granted' ? [one.claim.id] : []));
const numbered = (count: number, name = 'm') => Array.from({ length: count }, (_, n) => `${name}-${n}`);

describe.each(['read committed', 'repeatable read', 'serializable'])('in %s sessions, limiters', (level) => {
  const limiters = () =>
    [0, 1, 2].map(() => prismaLimiter(opened(prismaFor(urlWith(level))), limiterOptions));

  it('that are asked at once for different messages never grant more than the limit', async () => {
    const asked = limiters().flatMap((limiter, which) =>
      numbered(8, `of-${which}`).map((id) => ask(limiter, [id])),
    );
    const granted = claimedOf((await Promise.all(asked)).flat());
    expect(granted).toHaveLength(LIMIT);
  });

  it('that are asked at once for the same messages give each to one', async () => {
    const ids = numbered(LIMIT);
    const asked = limiters().flatMap((limiter) => ids.map((id) => ask(limiter, [id])));
    const granted = claimedOf((await Promise.all(asked)).flat());
    expect(granted.toSorted()).toEqual(ids.toSorted());
  });
});

describe.each(['read committed', 'repeatable read', 'serializable'])('in %s sessions, a store', (level) => {
  it('lets one of those win who write what the same read gave them, also the first, and while all remove', async () => {
    const store = keyStore(opened(prismaFor(urlWith(level))), () => 0);
    let expected: string | undefined;
    for (let round = 0; round < 5; round++) {
      await database.sql(
        `INSERT INTO rate_limiter_messages SELECT 'gone', n::text, '', 1 FROM generate_series(1, 100) AS n
         ON CONFLICT DO NOTHING`,
      );
      const versions = numbered(8, `v-${round}`);
      const writes = versions.map((version) => {
        const records = [
          { id: 'shared', text: version, keepMs: 60_000 },
          { id: version, text: version, keepMs: 60_000 },
        ];
        return store.write('k', { expected, version, state: version, keepMs: 60_000, records });
      });
      const won = await Promise.all(writes);
      const { version, state, records } = await store.read('k', ['shared', ...versions]);
      expect(won.filter(Boolean)).toHaveLength(1);
      const winner = versions[won.indexOf(true)]!;
      expect([version, state]).toEqual([winner, winner]);
      expect(records).toEqual(
        new Map([
          ['shared', winner],
          [winner, winner],
        ]),
      );
      expected = winner;
    }
  });

  it('is really in such a session', async () => {
    const [shown] = await opened(prismaFor(urlWith(level))).$queryRawUnsafe<[object]>(
      'SHOW transaction_isolation',
    );
    expect(Object.values(shown)).toEqual([level]);
  });

  it('begins once, whoever asks first', async () => {
    const store = keyStore(opened(prismaFor(urlWith(level))));
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => store.beganMs(1_000 + n)));
    expect(new Set(answers).size).toBe(1);
    expect(await store.beganMs(9_999.5)).toBe(answers[0]);
  });
});

describe('a store', () => {
  it('tells the time of the database, and keeps every text that PostgreSQL can', async () => {
    const store = keyStore(opened(prismaFor(database.url)));
    const odd = ['a\tb', 'a\nb', `'"\\{},NULL`, '__proto__', '7', 'é😀', ''];
    const records = odd.map((id) => ({ id, text: `text ${id}`, keepMs: 60_000 }));
    for (const key of ['account\t1', `o'"\\ne`]) {
      const change = {
        expected: undefined,
        version: `v-${key}`,
        state: `{}\n\t${key}`,
        keepMs: 60_000,
        records,
      };
      expect(await store.write(key, change)).toBe(true);
      const [row] = await database.sql('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms');
      const read = await store.read(key, [...odd, 'unknown']);
      expect(read).toMatchObject({ version: change.version, state: change.state });
      expect(Object.fromEntries(read.records)).toEqual(
        Object.fromEntries(records.map((r) => [r.id, r.text])),
      );
      expect(read.records.size).toBe(odd.length);
      expect(Math.abs(Number(read.nowMs) - Number(row?.['ms']))).toBeLessThan(5_000);
    }
    const unknown = await store.read('unknown', ['a\tb']);
    expect(unknown).toEqual({ nowMs: expect.any(Number) as number, records: new Map() });
  });

  it('writes nothing over a state that is gone', async () => {
    const store = keyStore(opened(prismaFor(database.url)));
    const change = { version: 'v-2', state: '{}', keepMs: 1, records: [{ id: 'm', text: '', keepMs: 1 }] };
    expect(await store.write('k', { ...change, expected: 'v-1' })).toBe(false);
    expect((await store.read('k', ['m'])).records.size).toBe(0);
    expect(await database.sql('SELECT key FROM rate_limiter_keys')).toEqual([]);
  });

  it('removes what expired, in portions, and nothing else', async () => {
    const store = keyStore(opened(prismaFor(database.url)), () => 0);
    const began = await store.beganMs(1);
    await database.sql(
      `INSERT INTO rate_limiter_keys SELECT 'k-' || n, 'v', '{}', 1 FROM generate_series(1, 1500) AS n;
       INSERT INTO rate_limiter_messages SELECT 'k-1', 'm-' || n, '', 1 FROM generate_series(1, 1500) AS n`,
    );
    const left = async () => {
      const [row] = await database.sql(
        `SELECT (SELECT count(*)::int FROM rate_limiter_keys WHERE expires_at_ms = 1) AS keys,
           (SELECT count(*)::int FROM rate_limiter_messages WHERE expires_at_ms = 1) AS messages`,
      );
      return row;
    };
    // Of its own rows it removes none, though they had expired.
    const records = [{ id: 'm-1', text: 'again', keepMs: 60_000 }];
    const change = { version: 'w-1', state: '{}', keepMs: 60_000, records };
    expect(await store.write('k-1', { ...change, expected: 'v' })).toBe(true);
    expect(await left()).toEqual({ keys: 499, messages: 499 });
    expect(await store.write('k-1', { ...change, expected: 'w-1', version: 'w-2' })).toBe(true);
    expect(await left()).toEqual({ keys: 0, messages: 0 });

    expect(await store.read('k-1', ['m-1'])).toMatchObject({
      version: 'w-2',
      records: new Map([['m-1', 'again']]),
    });
    expect(await store.beganMs(2)).toBe(began);
  });

  it('removes as many rows as it may add, by chance', async () => {
    const statements: string[] = [];
    const prisma = {
      $connect: async () => {},
      $queryRawUnsafe: async (sql: string) => {
        statements.push(sql);
        return [{ written: true }];
      },
    };
    const records = (count: number) => numbered(count).map((id) => ({ id, text: '', keepMs: 1 }));
    const removes = async (count: number, chance: number) => {
      const change = { expected: undefined, version: 'v', state: '', keepMs: 1, records: records(count) };
      await keyStore(prisma, () => chance).write('k', change);
      return statements.at(-1)?.includes('DELETE');
    };
    expect(await removes(0, 0.0019)).toBe(true);
    expect(await removes(0, 0.0021)).toBe(false);
    expect(await removes(9, 0.019)).toBe(true);
    expect(await removes(499, 0.999)).toBe(true);
  });
});

describe('a question', () => {
  it('is one statement to read and one to write, in no transaction of its own', async () => {
    const { prisma, queries } = listeningPrismaFor(database.url);
    const limiter = prismaLimiter(opened(prisma), limiterOptions);

    expect(claimedOf(await ask(limiter, numbered(3)))).toHaveLength(3);

    expect(queries.map((query) => query.trim().split(/\s/)[0])).toEqual(['SELECT', 'WITH']);
  });

  it('needs nothing of a session: each statement may meet another one', async () => {
    const limiter = prismaLimiter(opened(pooledPrismaFor(database.url)), limiterOptions);
    const admissions = await ask(limiter, ['m-1']);
    const [admission] = admissions;
    if (admission?.kind !== 'granted') throw new Error('expected a claim, found none');
    const { id, token } = admission.claim;
    await limiter.settle({ ...question, settlements: [{ id, token, outcome: 'delivered' }] });
    expect(await ask(limiter, ['m-1'])).toEqual([{ kind: 'settled', outcome: 'delivered' }]);
  });
});

describe('a limiter whose tables are new, or were emptied', () => {
  it('lets every key wait for one window', async () => {
    const limiter = prismaLimiter(opened(prismaFor(database.url)));
    const kind = async () => (await ask(limiter, ['m-1']))[0]?.kind;
    expect(await kind()).toBe('wait');
    await database.sql(`UPDATE rate_limiter_keys SET state = '1' WHERE key = ':began'`);
    await database.sql(`DELETE FROM rate_limiter_keys WHERE key <> ':began'`);
    expect(await kind()).toBe('granted');

    await database.sql('TRUNCATE rate_limiter_keys');

    expect(await kind()).toBe('wait');
  });
});
