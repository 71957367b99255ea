import type { Options } from 'tsup';

/** Packages that exist as ES modules only: bundled into the CommonJS build, so that `require` works everywhere. */
const esmOnly = ['cockatiel'];

/** How every published package is built: ESM with shared chunks, CJS self-contained, declarations for both. */
export function packageBuild({ entry }: { entry: string[] }): Options[] {
  const shared: Options = {
    entry,
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    platform: 'node',
    target: 'node22',
    sourcemap: true,
    treeshake: true,
    removeNodeProtocol: false,
    loader: { '.lua': 'text' },
  };
  return [
    { ...shared, format: 'esm', splitting: true, clean: true },
    { ...shared, format: 'cjs', splitting: false, noExternal: esmOnly },
  ];
}
