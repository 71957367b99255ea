import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Generates the Prisma clients that tests and benchmarks use, into `generated`, from the schema fragments as hosts
 * copy them. Nothing is downloaded: Prisma wants to see an engine and does not run it.
 */
const root = join(import.meta.dirname, '..');
const generated = join(root, 'generated');

const generators = {
  plain: 'provider = "prisma-client"',
  custom: 'provider = "prisma-client-js"',
} as const;

async function generate(provider: 'postgresql' | 'sqlite', names: readonly (keyof typeof generators)[]) {
  const folder = join(generated, provider);
  await mkdir(folder, { recursive: true });
  const fragment = await readFile(join(root, 'migrations', provider, 'schema.prisma'), 'utf8');
  const blocks = names.map(
    (name) => `generator ${name} {\n  ${generators[name]}\n  output = "./${name}"\n}\n`,
  );
  const schema = join(folder, 'schema.prisma');
  await writeFile(schema, `${blocks.join('')}datasource db {\n  provider = "${provider}"\n}\n${fragment}`);
  await promisify(execFile)(join(root, 'node_modules/.bin/prisma'), ['generate', '--schema', schema], {
    cwd: root,
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: '1' },
  });
}

await rm(generated, { recursive: true, force: true });
await Promise.all([generate('postgresql', ['plain', 'custom']), generate('sqlite', ['plain'])]);
