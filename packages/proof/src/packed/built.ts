import { glob, stat } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';
import { testFiles } from '../check/lint/published.ts';

/**
 * Makes sure that a package's build is no older than its source.
 * @param built a file that every build writes, below `folder`.
 * @param name what the folder is called in errors. Default: its path.
 * @throws {Error} with the command that helps.
 */
export async function assertBuilt(folder: string, built: string, name = folder): Promise<void> {
  const builtAtMs = await changedAtMs(join(folder, built)).catch((cause: unknown) => {
    throw new Error(`expected a build in ${name}, found no ${built}: run "npx pnpm@12 build"`, { cause });
  });
  for await (const path of glob('src/**/*.{ts,lua}', { cwd: folder })) {
    const isTest = testFiles.some((pattern) => matchesGlob(path, pattern));
    if (!isTest && (await changedAtMs(join(folder, path))) > builtAtMs) {
      throw new Error(
        `expected the build in ${name} to be of the present source, found ${path} changed since: run "npx pnpm@12 build"`,
      );
    }
  }
}

async function changedAtMs(path: string): Promise<number> {
  return (await stat(path)).mtimeMs;
}
