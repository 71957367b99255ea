import { parseChangesetFile } from '@changesets/parse';

/** What is wrong with a changeset; empty when it names published packages, each with how it changes, and says what changes. */
export function problemsIn(text: string, packages: readonly string[]): readonly string[] {
  const { releases, summary } = parseChangesetFile(text);
  return [
    ...(releases.length === 0 ? ['expected a package, found none'] : []),
    ...releases.flatMap(({ name, type }) => [
      ...(packages.includes(name) ? [] : [`expected a published package, found ${name}`]),
      ...(type === 'none' ? [`expected major, minor or patch for ${name}, found none`] : []),
    ]),
    ...(summary === '' ? ['expected what changes for users, found no text'] : []),
  ];
}
