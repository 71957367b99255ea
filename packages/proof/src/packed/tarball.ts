import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { assertBuilt } from './built.ts';
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
 * @throws {Error} when the package is not built, or has changed since.
 */
export async function pack(name: string, folder: string): Promise<Tarball> {
  const source = join(repository, 'packages', name);
  await assertBuilt(
    source,
    name === 'adapters' ? 'dist/prisma/index.d.ts' : 'dist/index.d.ts',
    `packages/${name}`,
  );
  const path = join(folder, `${name}.tgz`);
  await pnpm(['pack', '--out', path], source);
  const unpacked = join(folder, `${name}-unpacked`);
  await mkdir(unpacked);
  await mustRun('tar', ['-xzf', path], unpacked);
  return { path, files: await readAll(join(unpacked, 'package')) };
}

/** The packages that its manifest lets hosts install, and those that its code and its declarations import. */
export function packagesNeeded({ files }: Tarball): readonly string[] {
  const manifest = JSON.parse(files.get('package.json') ?? '{}') as Record<string, object | undefined>;
  const installed = ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(manifest[kind] ?? {}),
  );
  const imported = [...files]
    .filter(([path]) => /\.(?:c?js|d\.c?ts)$/.test(path))
    .flatMap(([, code]) => [
      ...code.matchAll(/(?:\bfrom |\brequire\(|\bimport\(?\s?)['"]((?:@[\w-]+\/)?[\w-]+)/g),
    ])
    .map(([, name]) => name ?? '');
  return [...new Set([...installed, ...imported])];
}

async function readAll(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((file) => join(file.parentPath, file.name));
  const contents = await Promise.all(
    paths.map(async (path) => [relative(folder, path), await readFile(path, 'utf8')] as const),
  );
  return new Map(contents);
}

/** The pnpm that runs us, or the one that npm has. */
function pnpm(args: readonly string[], cwd: string): Promise<string> {
  const running = process.env['npm_execpath'];
  return running?.includes('pnpm')
    ? mustRun(running, args, cwd)
    : mustRun('npx', ['-y', 'pnpm@12', ...args], cwd);
}
