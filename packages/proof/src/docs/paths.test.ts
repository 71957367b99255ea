import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exists, filesNamedIn } from './paths.fixture.ts';
import { documentsAmong, read, repositoryFiles } from './repository.fixture.ts';

const files = await repositoryFiles();
const documents = documentsAmong(files);

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
    const text = await read(document);
    const missing = filesNamedIn(text).filter((file) => !exists(file, document, files));
    expect(missing.map((file) => file.text).filter((path) => !readersOwn.has(path))).toEqual([]);
  });

  it('links to headings that are there', async () => {
    const text = await read(document);
    const anchors = [...text.matchAll(/\]\(([\w./-]*)#([\w-]+)\)/g)];
    for (const [link, path = '', anchor] of anchors) {
      const target = path === '' ? document : posix.join(posix.dirname(document), path);
      expect(headingsOf(await read(target)), link).toContain(anchor);
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
