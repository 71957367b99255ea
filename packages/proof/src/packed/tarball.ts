import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mustRun } from './run.ts';

export const repository = resolve(import.meta.dirname, '../../../..');

/** What npm would publish of a package. */
export interface Tarball {
  readonly path: string;
  /** Paths inside the package → contents. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Packs a built package as `pnpm publish` does: versions in place of `workspace:` and `catalog:`.
 * @throws {Error} when the package is not built.
 */
export async function pack(name: string, folder: string): Promise<Tarball> {
  const source = join(repository, 'packages', name);
  await access(join(source, name === 'adapters' ? 'dist/prisma/index.d.ts' : 'dist/index.d.ts')).catch(
    (cause: unknown) => {
      throw new Error(`expected packages/${name} to be built, found no declarations: run pnpm build`, {
        cause,
      });
    },
  );
  const path = join(folder, `${name}.tgz`);
  await pnpm(['pack', '--out', path], source);
  const names = (await mustRun('tar', ['-tzf', path], folder)).trim().split('\n');
  const files = new Map<string, string>();
  for (const file of names) {
    files.set(file.replace(/^package\//, ''), await mustRun('tar', ['-xOzf', path, file], folder));
  }
  return { path, files };
}

/** The pnpm that runs us, or the one that npm has. */
function pnpm(args: readonly string[], cwd: string): Promise<string> {
  const running = process.env['npm_execpath'];
  return running?.includes('pnpm')
    ? mustRun(running, args, cwd)
    : mustRun('npx', ['-y', 'pnpm@12', ...args], cwd);
}
