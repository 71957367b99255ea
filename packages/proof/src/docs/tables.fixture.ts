import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../..');

/** A page of the documentation. */
export interface Page {
  readonly text: string;
  /** The first cell of each row of the tables under a heading, and the second one up to a comma. */
  rowsUnder(heading: string): Record<string, string>;
}

/** The sources of a package. */
export interface Sources {
  /** The members of an interface, and the default that the docstring of each tells. */
  optionsOf(name: string, path?: string): Record<string, string>;
  /** The names of an interface's members, methods included. */
  membersOf(name: string): readonly string[];
}

/** @param path from the root of the repository. */
export async function readPage(path: string): Promise<Page> {
  const text = await readFile(join(root, path), 'utf8');
  return {
    text,
    rowsUnder(heading) {
      const [, section = ''] = text.split(`\n${heading}\n`);
      const [own = ''] = section.split(/^#{2,3} /m);
      const rows = own.matchAll(/^\| `([\w.]+)`[^|]* \| ([^|]*?)(?:, [^|]*)? +\|/gm);
      return Object.fromEntries([...rows].map(([, name = '', cell = '']) => [name, cell]));
    },
  };
}

export async function readSources(packageName: 'client' | 'lambda'): Promise<Sources> {
  const texts: string[] = [];
  for await (const file of glob(join(root, `packages/${packageName}/src/**/*.ts`))) {
    if (!file.includes('.test')) texts.push(await readFile(file, 'utf8'));
  }
  const source = texts.join('\n');

  const interfaceOf = (name: string) =>
    new RegExp(String.raw`^export interface ${name}\b[^{]*\{\n(.*?)\n\}`, 'ms').exec(source)?.[1] ?? '';

  return {
    optionsOf(name, path = '') {
      const member = /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\n)? {2}readonly (\w+)(\?)?:/g;
      return Object.fromEntries(
        [...interfaceOf(name).matchAll(member)].map(([, comment = '', option, optional]) => {
          const text = comment.replaceAll(/\s*\n\s*\* ?/g, ' ');
          const [, told] = /\bDefault:? (.*?)(?=[.,;:](?:\s|$))/.exec(text) ?? [];
          return [`${path}${option}`, told ?? (optional ? 'what its docstring does not tell' : 'required')];
        }),
      );
    },
    membersOf: (name) =>
      [...interfaceOf(name).matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, member = '']) => member),
  };
}
