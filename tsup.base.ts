import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Options } from 'tsup';

/** Packages that exist as ES modules only: bundled into the CommonJS build, so that `require` works everywhere. */
const esmOnly = ['cockatiel'];

/** Our private package of shared functions: a part of every build, never a dependency of one (decision 56). */
const kit = '@huntaze/kit';

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

/** Where `tsc -p tsconfig.build.json` writes a package's declarations, a file for each source file. */
const DECLARATIONS = 'generated/declarations';

/**
 * How every published package is built: ESM with shared chunks, CJS self-contained, and, unless `--no-dts` is given,
 * declarations for both, bundled from those that `tsc` has written.
 * What is `copied` comes with the build: its users need not install where it is from.
 */
export function packageBuild({ entry, copied = [] }: { entry: string[]; copied?: string[] }) {
  const shared: Options = {
    entry,
    platform: 'node',
    target: 'node22',
    sourcemap: true,
    treeshake: true,
    removeNodeProtocol: false,
    esbuildPlugins: [luaAsText],
  };
  const code: Options[] = [
    { ...shared, format: 'esm', splitting: true, clean: true, noExternal: [kit, ...copied] },
    // Its source maps name positions alone: those of the ES modules hold the sources.
    {
      ...shared,
      format: 'cjs',
      splitting: false,
      noExternal: [kit, ...esmOnly, ...copied],
      esbuildOptions: (options) => void (options.sourcesContent = false),
    },
  ];
  return (flags: Options): Options[] => (flags.dts === false ? code : [...code, declarations(entry)]);
}

/** The kit's declarations by their files and not by its name, so that they are bundled too. */
const kitPaths = {
  [kit]: [pathOf('packages/kit/generated/declarations/index.d.ts')],
  [`${kit}/checks`]: [pathOf('packages/kit/generated/declarations/checks/index.d.ts')],
  [`${kit}/sqs-client`]: [pathOf('packages/kit/generated/declarations/sqs-client/index.d.ts')],
};

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

/** Of `src/http/index.ts`, from `generated/declarations/http/index.d.ts`. */
function declarations(entry: readonly string[]): Options {
  const names = entry.map((path) => path.replace(/^src\/(.*)\.ts$/, '$1'));
  const declared = Object.fromEntries(names.map((name) => [name, `${DECLARATIONS}/${name}.d.ts`]));
  return {
    entry: declared,
    format: ['esm', 'cjs'],
    clean: true,
    dts: { only: true, entry: declared, compilerOptions: { ignoreDeprecations: '6.0', paths: kitPaths } },
  };
}
