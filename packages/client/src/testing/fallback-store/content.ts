import { deepEqual, equal } from 'node:assert/strict';
import type { StoredMessage } from '../../contract/index.ts';
import { claimAll, message, messages, type Scenario } from './scenario.ts';

/** Keys and ids that mean something to a database, a template or an object. All are valid. */
const identifiers = [
  '__proto__',
  'constructor',
  'toString',
  `'`,
  '"',
  '`',
  `';--`,
  '%',
  '_',
  '$1',
  '?',
  ':a',
  '#',
  '\\',
  '{}',
  'NULL',
  'x'.repeat(128),
];

/** Texts that are easily harmed. JSON writes lone surrogates and U+0000 escaped, so no body holds them bare. */
const texts = [
  '',
  ' ',
  `'; DROP TABLE "OnlyFansMessage"; --`,
  `"quoted" 'twice' \`and\` $$so$$ \\n {{on}} %s $1 ? :name`,
  '{"__proto__":{"polluted":true},"constructor":{"prototype":null}}',
  JSON.stringify('\u0000 \u0001 \uD800 \uFFFE'),
  'tab\t line\n return\r\n separator\u2028 zero\u200Bwidth bom\uFEFF',
  '👩‍👩‍👧‍👦 🏳️‍🌈 é e\u0301 ﷽ العربية 中文 \u202Eright to left',
];

const BATCH = 500;

/** What is stored is what is given back. */
export const content: Readonly<Record<string, Scenario>> = {
  'no key, id, body or error is harmed or does harm': async ({ store, leaseMs }) => {
    const hostile = [
      ...identifiers.map((odd) => message(odd, { key: odd })),
      ...texts.map((text, index) => message(`text-${index}`, { body: text, error: text })),
    ];
    await store.save(hostile);
    const claims = await store.claim({ limit: hostile.length, leaseMs });
    deepEqual(byIdentity(claims.map((claim) => claim.message)), byIdentity(hostile));
    for (const claim of claims) equal(await store.markReplayed(claim), true);
    deepEqual(await store.counts(), { pending: 0, dead: 0 });
  },

  'the longest bodies fit, several at once': async ({ store, leaseMs, maxBodyBytes }) => {
    // Three bytes each, so that a store which counts characters finds out.
    const body = '€'.repeat(Math.floor(maxBodyBytes / 3));
    const long = ['m-1', 'm-2', 'm-3'].map((id) => message(id, { body }));
    await store.save(long);
    const claims = await store.claim({ limit: 10, leaseMs });
    deepEqual(byIdentity(claims.map((claim) => claim.message)), byIdentity(long));
  },

  'a flood is stored, counted, claimed in its order and replayed': async (given) => {
    const { store, volume } = given;
    // As a client stores them: a few have ids that the host gave.
    const flood = messages(volume).map((one, index) => ({ ...one, fresh: index % 10 > 0 }));
    for (let start = 0; start < volume; start += BATCH) await store.save(flood.slice(start, start + BATCH));
    deepEqual(await store.counts(), { pending: volume, dead: 0 });

    const claimed: number[] = [];
    for await (const claims of claimAll(given, BATCH, volume)) {
      claimed.push(...claims.map((claim) => claim.message.storedAtMs));
      const settled = await Promise.all(claims.map((claim) => store.markReplayed(claim)));
      equal(settled.filter(Boolean).length, claims.length);
    }

    deepEqual(
      claimed,
      flood.map(({ storedAtMs }) => storedAtMs),
    );
    deepEqual(await store.counts(), { pending: 0, dead: 0 });
  },
};

function byIdentity(stored: readonly StoredMessage[]): readonly StoredMessage[] {
  return stored.map((one) => ({ ...one })).toSorted((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1));
}

function identityOf({ key, id }: StoredMessage): string {
  return `${key} ${id}`;
}
