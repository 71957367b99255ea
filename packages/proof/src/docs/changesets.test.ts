import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problemsIn } from './changesets.fixture.ts';

const repository = join(import.meta.dirname, '../../../..');
const packages: string[] = [];
for await (const file of glob('packages/*/package.json', { cwd: repository })) {
  const text = await readFile(join(repository, file), 'utf8');
  const { name, private: hidden } = JSON.parse(text) as { readonly name: string; readonly private?: boolean };
  if (!hidden) packages.push(name);
}
const changesets: string[] = [];
for await (const file of glob('.changeset/*.md', { cwd: repository })) changesets.push(file);

it('every changeset says of published packages how they change', async () => {
  const problems = await Promise.all(
    changesets.toSorted().map(async (file) => {
      const text = await readFile(join(repository, file), 'utf8');
      return problemsIn(text, packages).map((problem) => `${file}: ${problem}`);
    }),
  );
  expect(problems.flat()).toEqual([]);
});

describe('a changeset', () => {
  const changeset = (releases: string, summary: string) => `---\n${releases}\n---\n\n${summary}\n`;
  const client = `'@huntaze/rate-limiter-client': minor`;

  it('is right with a package, a bump and a text', () => {
    expect(problemsIn(changeset(client, 'Sends faster.'), packages)).toEqual([]);
  });

  it.each([
    [
      'a private package',
      `'@huntaze/testkit': minor`,
      'Text.',
      'expected a published package, found @huntaze/testkit',
    ],
    [
      'a misspelt package',
      `'@huntaze/rate-limiter-clint': minor`,
      'Text.',
      'expected a published package, found @huntaze/rate-limiter-clint',
    ],
    [
      'no bump',
      `'@huntaze/rate-limiter-client': none`,
      'Text.',
      'expected major, minor or patch for @huntaze/rate-limiter-client, found none',
    ],
    ['no package', '', 'Text.', 'expected a package, found none'],
    ['no text', client, '', 'expected what changes for users, found no text'],
  ])('is refused with %s', (_what, releases, summary, problem) => {
    expect(problemsIn(changeset(releases, summary), packages)).toEqual([problem]);
  });

  it('is refused with a bump that does not exist', () => {
    const text = changeset(`'@huntaze/rate-limiter-client': mirror`, 'Text.');
    expect(() => problemsIn(text, packages)).toThrow('invalid version type "mirror"');
  });
});
