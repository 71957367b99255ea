import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertBuilt } from './built.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'huntaze-built-'))));
afterEach(() => rm(folder, { recursive: true }));

/** Writes a file as if at that second. */
async function write(path: string, atSeconds: number): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), '');
  await utimes(join(folder, path), atSeconds, atSeconds);
}

describe('a build', () => {
  it('is of the present source when only tests have changed since', async () => {
    await write('src/index.ts', 10);
    await write('dist/index.js', 20);
    await write('src/deep/index.test.ts', 30);
    await expect(assertBuilt(folder, 'dist/index.js')).resolves.toBeUndefined();
  });

  it.each(['src/deep/a.ts', 'src/deep/a.lua'])('is refused when %s has changed since', async (path) => {
    await write('dist/index.js', 20);
    await write(path, 30);
    await expect(assertBuilt(folder, 'dist/index.js')).rejects.toThrow(
      `found ${path} changed since: run "npx pnpm@12 build"`,
    );
  });

  it('is refused when there is none', async () => {
    await write('src/index.ts', 10);
    await expect(assertBuilt(folder, 'dist/index.js')).rejects.toThrow(
      'found no dist/index.js: run "npx pnpm@12 build"',
    );
  });
});
