import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '../../../../..');

/** What makes a folder lint as the repository does. */
const configuration = [
  'oxlint.config.ts',
  'packages/proof/src/check/lint',
  'package.json',
  'tsconfig.base.json',
  'tsconfig.json',
];

/** A folder laid out like the repository, linted by its rules. */
export interface LintedFolder {
  /** The rules that a file breaks, in the order of the linter. */
  broken(path: string): readonly string[];
  remove(): Promise<void>;
}

/** Writes the files into a new folder and lints all of them in one run. */
export async function openLintedFolder(
  files: readonly { readonly path: string; readonly code: string }[],
): Promise<LintedFolder> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'huntaze-lint-')));
  for (const path of configuration) {
    await cp(join(repository, path), join(folder, path), { recursive: true });
  }
  await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'), 'dir');
  for (const { path, code } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `${code}\n`);
  }
  const found = await lint(folder);
  return {
    broken: (path) => found.filter(({ filename }) => filename === path).map(({ code }) => code),
    remove: () => rm(folder, { recursive: true }),
  };
}

interface Finding {
  readonly filename: string;
  readonly code: string;
}

/** @throws {Error} with the linter's own words when it did not run: it exits with 1 when it found something. */
function lint(folder: string): Promise<readonly Finding[]> {
  const oxlint = join(repository, 'node_modules/.bin/oxlint');
  return new Promise((done, fail) => {
    execFile(oxlint, ['--format', 'json', 'packages'], { cwd: folder }, (_, stdout, stderr) => {
      if (!stdout.startsWith('{'))
        fail(new Error(`expected findings of oxlint as JSON, found: ${stdout}${stderr}`));
      else done((JSON.parse(stdout) as { diagnostics: readonly Finding[] }).diagnostics);
    });
  });
}
