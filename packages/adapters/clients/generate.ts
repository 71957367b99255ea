import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * Generates the Prisma clients that tests and benchmarks use, into `generated`, from the schema fragments as hosts
 * copy them. Nothing is downloaded: Prisma wants to see engines and does not run them.
 */
const root = join(import.meta.dirname, '..');
const generated = join(root, 'generated');

const generators = {
  plain: 'provider = "prisma-client"',
  custom: 'provider = "prisma-client-js"',
  /** Of Prisma 6, which has an engine unless it is told otherwise. */
  six: 'provider = "prisma-client"\n  engineType = "client"',
} as const;

/** What is generated where, for which database, by which package. */
interface Plan {
  readonly folder: string;
  readonly provider: 'postgresql' | 'sqlite' | 'mysql';
  readonly names: readonly (keyof typeof generators)[];
  readonly prisma: 'prisma' | 'prisma-6';
  /** What else the data source says. */
  readonly source?: string;
}

/** The folders whose schema fragments a host copies. */
const fragmentsOf = {
  postgresql: ['postgresql', 'postgresql-limiter'],
  sqlite: ['sqlite'],
  mysql: ['mysql'],
} as const;

async function generate({ folder: name, provider, names, prisma, source = '' }: Plan) {
  const folder = join(generated, name);
  await mkdir(folder, { recursive: true });
  const fragments = await Promise.all(
    fragmentsOf[provider].map((from) => readFile(join(root, 'migrations', from, 'schema.prisma'), 'utf8')),
  );
  const blocks = names.map((one) => `generator ${one} {\n  ${generators[one]}\n  output = "./${one}"\n}\n`);
  const schema = join(folder, 'schema.prisma');
  await writeFile(
    schema,
    `${blocks.join('')}datasource db {\n  provider = "${provider}"\n${source}}\n${fragments.join('\n')}`,
  );
  const program = join(root, 'node_modules', prisma, 'build/index.js');
  await promisify(execFile)(process.execPath, [program, 'generate', '--schema', schema], {
    cwd: folder,
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_QUERY_ENGINE_LIBRARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
}

/** The clients of Prisma 6 find their own runtime, as in a host that has no other. */
async function linkRuntime(folder: string) {
  const scope = join(generated, folder, 'node_modules/@prisma');
  await mkdir(scope, { recursive: true });
  await symlink(join(root, 'node_modules/prisma-6-client'), join(scope, 'client'), 'junction');
}

await rm(generated, { recursive: true, force: true });
await linkRuntime('prisma-6');
await Promise.all([
  generate({ folder: 'postgresql', provider: 'postgresql', names: ['plain', 'custom'], prisma: 'prisma' }),
  generate({ folder: 'sqlite', provider: 'sqlite', names: ['plain'], prisma: 'prisma' }),
  generate({ folder: 'mysql', provider: 'mysql', names: ['plain'], prisma: 'prisma' }),
  generate({
    folder: 'prisma-6',
    provider: 'postgresql',
    names: ['six'],
    prisma: 'prisma-6',
    source: '  url = env("DATABASE_URL")\n',
  }),
]);
