import { join } from 'node:path';
import { createRequire } from 'node:module';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build, type BuildOptions } from 'esbuild';
import { rollup } from 'rollup';

/** Gives ES modules the `require` that bundled CommonJS asks Node's own modules of. */
const banner = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};

/** The bundlers that docs/runtimes.md tells the settings of: each bundles `main` into a file, all dependencies included. */
export const bundlers = {
  'esbuild, ES modules': (main: string) => esbuild(main, { format: 'esm', banner }, 'mjs'),
  'esbuild, CommonJS': (main: string) => esbuild(main, { format: 'cjs' }, 'cjs'),
  rollup: async (main: string) => {
    const plugins = [nodeResolve({ preferBuiltins: true }), commonjs(), json()];
    const bundle = await rollup({ input: main, plugins, onLog: () => {} });
    const file = `${main}.rollup.mjs`;
    await bundle.write({ file, format: 'es', inlineDynamicImports: true });
    await bundle.close();
    return file;
  },
  webpack: async (main: string) => {
    const filename = 'app.webpack.cjs';
    const path = join(main, '..');
    await webpack({ mode: 'none', target: 'node', entry: main, output: { path, filename } });
    return join(path, filename);
  },
} as const;

async function esbuild(main: string, options: BuildOptions, ending: string): Promise<string> {
  const outfile = `${main}.esbuild.${ending}`;
  await build({
    ...options,
    entryPoints: [main],
    outfile,
    bundle: true,
    platform: 'node',
    logLevel: 'silent',
  });
  return outfile;
}

/** Bundles for somewhere else than Node, under a condition of package.json. */
export async function bundleFor(condition: string, code: string, folder: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    write: false,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: [condition],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}

interface Stats {
  hasErrors(): boolean;
  toString(options: object): string;
}
type Webpack = (options: object, done: (error: Error | null, stats?: Stats) => void) => void;

/** Loaded when it is asked for: it takes a while. */
function webpack(options: object): Promise<void> {
  const run = createRequire(import.meta.url)('webpack') as Webpack;
  return new Promise((done, failed) => {
    run(options, (error, stats) => {
      if (error) failed(error);
      else if (stats?.hasErrors()) failed(new Error(stats.toString({ preset: 'errors-only' })));
      else done();
    });
  });
}
