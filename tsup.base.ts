import { readFile } from 'node:fs/promises';
import type { Options } from 'tsup';

/** Packages that exist as ES modules only: bundled into the CommonJS build, so that `require` works everywhere. */
const esmOnly = ['cockatiel'];

/** Loads a Lua script as its text, without what is written for its readers. */
const luaAsText: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'lua-as-text',
  setup(build) {
    build.onLoad({ filter: /\.lua$/ }, async ({ path }) => {
      const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim());
      const code = lines.filter((line) => line !== '' && !line.startsWith('--'));
      return { contents: code.map(withoutSpaces).join('\n'), loader: 'text' };
    });
  },
};

/** Without the spaces around signs, but for those in texts, which stand in single quotes. */
function withoutSpaces(line: string): string {
  const parts = line.split("'");
  return parts
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(/ ?([=<>~+*/,(){}[\]]+) ?/g, '$1') : part))
    .join("'");
}

/**
 * How every published package is built: ESM with shared chunks, CJS self-contained, declarations for both.
 * What is `copied` comes with the build: its users need not install where it is from.
 */
export function packageBuild({ entry, copied = [] }: { entry: string[]; copied?: string[] }): Options[] {
  const shared: Options = {
    entry,
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    platform: 'node',
    target: 'node22',
    sourcemap: true,
    treeshake: true,
    removeNodeProtocol: false,
    esbuildPlugins: [luaAsText],
  };
  return [
    { ...shared, format: 'esm', splitting: true, clean: true, noExternal: copied },
    { ...shared, format: 'cjs', splitting: false, noExternal: [...esmOnly, ...copied] },
  ];
}
