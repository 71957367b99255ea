import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { median } from '../report/median.ts';
import { table, times } from '../report/table.ts';

const run = promisify(execFile);
const ROUNDS = 21;

const entries = {
  ioredis: import.meta.resolve('./ioredis.entry.ts'),
  'ioredis-sdk': import.meta.resolve('./ioredis-sdk.entry.ts'),
  ours: import.meta.resolve('./ours.entry.ts'),
};

/** A bundle, and which SDK it finds when it is loaded. */
interface Loaded {
  readonly name: string;
  readonly file: string;
}

/**
 * Bundles a handler, and ioredis alone, as for Lambda: minified, the SDK left to the runtime. Measures their sizes and
 * how long a fresh process takes to import them, in turn, and describes the result in Markdown.
 */
export async function compareBundles(): Promise<string> {
  // Inside the package, so that the SDK is found as the runtime would provide it.
  const folder = await mkdtemp(join(import.meta.dirname, '../../../node_modules/.bench-'));
  try {
    const ioredis = await bundle(folder, 'ioredis');
    const ours = await bundle(folder, 'ours');
    const ioredisAndSdk = await bundle(folder, 'ioredis-sdk');
    const imports = await importTimes([
      { name: 'ioredis', file: await besideStub(folder, 'ioredis', ioredis.code) },
      { name: 'ours', file: await besideStub(folder, 'ours', ours.code) },
      { name: 'ioredis and SDK', file: ioredisAndSdk.file },
      { name: 'ours and SDK', file: ours.file },
    ]);
    const medianMs = (name: string) => median(imports.get(name) ?? []);
    const ms = (name: string) => medianMs(name).toFixed(1);
    return [
      `A handler's file bundled by esbuild, minified, @aws-sdk external; import in fresh processes, medians of ${ROUNDS}.`,
      '',
      table(
        ['bundle', 'KiB', 'KiB gzip', 'import ms'],
        [
          ['ioredis alone', ...sizes(ioredis.code), ms('ioredis')],
          ['createHandler, redisLimiter, ioredis', ...sizes(ours.code), ms('ours')],
          ['ioredis, and the SQS client that the runtime provides', '', '', ms('ioredis and SDK')],
          ['ours, and the SQS client that the runtime provides', '', '', ms('ours and SDK')],
        ],
      ),
      '',
      `ours / ioredis alone: import ${times(medianMs('ours') / medianMs('ioredis'))}, size ${times(ours.code.length / ioredis.code.length)}`,
    ].join('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundle(
  folder: string,
  name: keyof typeof entries,
): Promise<{ file: string; code: Uint8Array }> {
  const file = join(folder, `${name}.cjs`);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(entries[name])],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['@aws-sdk/*'],
    logLevel: 'error',
    write: false,
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  await writeFile(file, code);
  return { file, code };
}

/** Puts a bundle where `@aws-sdk/client-sqs` is an empty module: what remains is the cost of the bundle itself. */
async function besideStub(folder: string, name: string, code: Uint8Array): Promise<string> {
  const sdk = join(folder, 'alone/node_modules/@aws-sdk/client-sqs');
  await mkdir(sdk, { recursive: true });
  await writeFile(join(sdk, 'index.js'), '');
  const file = join(folder, 'alone', `${name}.cjs`);
  await writeFile(file, code);
  return file;
}

/** Milliseconds of every import, by name. All take turns, after one round that fills the file cache. */
async function importTimes(bundles: readonly Loaded[]): Promise<ReadonlyMap<string, readonly number[]>> {
  const byName = new Map<string, number[]>(bundles.map(({ name }) => [name, []]));
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { name, file } of bundles) {
      const ms = await importOnce(file);
      if (round > 0) byName.get(name)?.push(ms);
    }
  }
  return byName;
}

async function importOnce(file: string): Promise<number> {
  const program = `const t = performance.now(); require(${JSON.stringify(file)}); process.stdout.write(String(performance.now() - t)); process.exit()`;
  const { stdout } = await run(process.execPath, ['--eval', program]);
  return Number(stdout);
}

function sizes(code: Uint8Array): string[] {
  return [code.length, gzipSync(code).length].map((bytes) => (bytes / 1_024).toFixed(0));
}
