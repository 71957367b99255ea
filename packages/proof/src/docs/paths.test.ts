import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { exists, filesNamedIn } from './paths.fixture.ts';

const repository = join(import.meta.dirname, '../../../..');
const { stdout } = await promisify(execFile)(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard'],
  { cwd: repository, maxBuffer: 2 ** 24 },
);
const files = stdout.trim().split('\n');
const documents = files.filter((file) => file.endsWith('.md') && !file.startsWith('.changeset/'));

/** What a document tells its readers to make. */
const readersOwn = new Set(['app/api/messages/route.ts']);

const headingsOf = (text: string) =>
  [...text.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(documents)('%s', (document) => {
  it('names files that are there', async () => {
    const text = await readFile(join(repository, document), 'utf8');
    const missing = filesNamedIn(text).filter((file) => !exists(file, document, files));
    expect(missing.map((file) => file.text).filter((path) => !readersOwn.has(path))).toEqual([]);
  });

  it('links to headings that are there', async () => {
    const text = await readFile(join(repository, document), 'utf8');
    const anchors = [...text.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)];
    for (const [link, path = '', anchor] of anchors) {
      const target = path === '' ? document : join(document, '..', path);
      expect(headingsOf(await readFile(join(repository, target), 'utf8')), link).toContain(anchor);
    }
  });
});

describe('a file that a document names', () => {
  const there = [
    'docs/a.md',
    'packages/client/src/deep/b.test.ts',
    'examples/one/src/main.ts',
    'examples/two/other.ts',
  ];
  const missing = (document: string, text: string) =>
    filesNamedIn(text)
      .filter((file) => !exists(file, document, there))
      .map((file) => file.text);

  it.each([
    ['docs/a.md', '[a](a.md#top), `packages/client/src`, `deep/b.test.ts`, `packages/*/src/deep/*.ts`'],
    ['examples/one/README.md', '`src/main.ts`, `docs/a.md`, [elsewhere](https://example.com/none.md)'],
    ['docs/a.md', '`and/or`, `aws/lambda:latest`, `@huntaze/client/contract`, `application/json`'],
  ])('is found from %s: %s', (document, text) => {
    expect(missing(document, text)).toEqual([]);
  });

  it.each([
    ['docs/a.md', '[a](b.md)', 'b.md'],
    ['docs/a.md', '`packages/client/source`', 'packages/client/source'],
    ['docs/a.md', '`c.test.ts`', 'c.test.ts'],
    ['examples/one/README.md', '`lib/other.ts`', 'lib/other.ts'],
  ])('is missed from %s: %s', (document, text, found) => {
    expect(missing(document, text)).toEqual([found]);
  });
});
