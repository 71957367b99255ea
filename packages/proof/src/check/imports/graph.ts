import { glob, readFile } from 'node:fs/promises';
import { join, matchesGlob, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { testFiles } from '../lint/published.ts';

/** A file of a tree of source, by its path below the root of that. */
export interface SourceFile {
  readonly path: string;
  readonly lines: number;
  /** The files of the same tree that it imports, whether a value, a type or a script. */
  readonly imports: readonly string[];
}

/** The files of a tree that are no tests: TypeScript and Lua. */
export async function readGraph(root: string): Promise<readonly SourceFile[]> {
  const paths: string[] = [];
  for await (const found of glob('**/*.{ts,lua}', { cwd: root })) paths.push(found.replaceAll('\\', '/'));
  const own = paths.filter((path) => !path.endsWith('.d.ts') && !isTest(path)).toSorted();
  return Promise.all(
    own.map(async (path) => {
      const text = await readFile(join(root, path), 'utf8');
      const imports = path.endsWith('.ts') ? importsOf(path, text) : [];
      return {
        path,
        lines: text.trimEnd().split('\n').length,
        imports: imports.filter((one) => own.includes(one)),
      };
    }),
  );
}

/** As a path of the handler's package: one of the patterns names it. */
function isTest(path: string): boolean {
  return testFiles.some((pattern) => matchesGlob(`packages/lambda/src/${path}`, pattern));
}

/**
 * The relative imports of a module, as paths below the root.
 * @throws {Error} when the text does not parse.
 */
function importsOf(path: string, text: string): readonly string[] {
  const { module, errors } = parseSync(path, text);
  const [error] = errors;
  if (error) throw new Error(`expected TypeScript in ${path}, found: ${error.message}`);
  const requests = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    // The request is an expression: a text in quotes, or something that is only known at run time.
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1)),
  ];
  const own = requests.filter((request) => request.startsWith('.'));
  return [...new Set(own.map((request) => posix.join(posix.dirname(path), request)))];
}
