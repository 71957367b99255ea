import { describe, expect, it } from 'vitest';
import { readPage } from './tables.fixture.ts';
import { variantsOf } from './variants.fixture.ts';

const observability = await readPage('docs/observability.md');
const handler = await readPage('docs/handler.md');
const client = await readPage('docs/client.md');

const rowOf = (text: string, name: string) =>
  text.split('\n').find((line) => line.startsWith(`| \`${name}\``)) ?? '';

/** What stands in backticks, words alone. */
const wordsIn = (text: string) => [...text.matchAll(/`([\w-]+)`/g)].map(([, word = '']) => word);

describe.each([
  ['handler', 'lambda', 'HandlerEvent', handler],
  ['client', 'client', 'ClientEvent', client],
] as const)('the events of the %s', (side, packageName, typeName, page) => {
  it('are listed with their fields', async () => {
    const [, section = ''] = observability.text.split(`\n### Events of the ${side}\n`);
    const [own = ''] = section.split(/^#{2,3} /m);
    const rows = [...own.matchAll(/^\| `([\w-]+)` *\| ([^|]*) \| ([^|]*) \|$/gm)];
    const listed = rows.map(([, name = '', fields = '']) => ({ names: [name], fields: wordsIn(fields) }));
    expect(listed).toEqual(await variantsOf(packageName, typeName));
    expect(rows.filter(([, , , meaning = '']) => meaning.trim() === '')).toEqual([]);
  });

  it('are named where `onEvent` is', async () => {
    const kinds = (await variantsOf(packageName, typeName)).flatMap(({ names }) => names);
    expect(wordsIn(rowOf(page.text, 'onEvent'))).toEqual(expect.arrayContaining(kinds));
  });
});

describe.each(['inspect', 'find'])('what %s returns', (call) => {
  it('is listed, member by member', async () => {
    const row = rowOf(handler.text, call);
    const [, typeName = ''] = /^\|[^|]*\| `(\w+)`/.exec(row) ?? [];
    const variants = await variantsOf('lambda', typeName);
    const members = variants.flatMap(({ names, fields }) => [...names, ...fields]);
    expect(members).not.toEqual([]);
    expect(wordsIn(row)).toEqual(expect.arrayContaining(members));
  });
});
