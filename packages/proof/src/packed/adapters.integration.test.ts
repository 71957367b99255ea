import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from './run.ts';
import { pack, packagesNeeded, type Tarball } from './tarball.ts';

let folder: string;
const tarballs = {} as Record<'adapters' | 'client', Tarball>;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'huntaze-packed-adapters-')));
  for (const name of ['adapters', 'client'] as const) tarballs[name] = await pack(name, folder);
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

/** A project with these dependencies beside the adapters, and the packages that npm brings for them. */
async function openHost(name: string, dependencies: Readonly<Record<string, string>>) {
  const host = join(folder, name);
  await mkdir(host);
  const all = { '@huntaze/rate-limiter-adapters': `file:${tarballs.adapters.path}`, ...dependencies };
  await writeFile(
    join(host, 'package.json'),
    JSON.stringify({ private: true, type: 'module', dependencies: all }),
  );
  const install = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  await mustRun('npm', [...install, '--loglevel=error'], host);
  const installed = await readdir(join(host, 'node_modules'));
  return {
    installed,
    run: (code: string, type: 'module' | 'commonjs' = 'module') =>
      mustRun(process.execPath, [`--input-type=${type}`, '--eval', code], host),
  };
}

const STORE_OF_PRISMA = `
  const asked = [];
  const prisma = {
    $executeRawUnsafe: async (sql) => asked.push(sql.trim().split(' ')[0]),
    $queryRawUnsafe: async () => [{ pending: 1, dead: 0 }],
  };
  const store = prismaFallbackStore(prisma);
  const message = { id: 'm-1', key: 'account-1', body: '{}', storedAtMs: 1, error: '' };
  store.save([message]).then(() => store.counts()).then((counts) => console.log(JSON.stringify({ asked, counts })));
`;
const stored = { asked: ['INSERT'], counts: { pending: 1, dead: 0 } };

describe('a host with Prisma alone', { timeout: 300_000 }, () => {
  it('gets no AWS package, and a store, as ES module and as CommonJS', async () => {
    const host = await openHost('prisma', { '@prisma/client': '7.10.0' });

    expect(host.installed).toContain('@prisma');
    expect(host.installed.filter((name) => /aws|smithy/.test(name))).toEqual([]);
    const subpath = `'@huntaze/rate-limiter-adapters/prisma'`;
    const esm = await host.run(`import { prismaFallbackStore } from ${subpath};${STORE_OF_PRISMA}`);
    const cjs = await host.run(
      `const { prismaFallbackStore } = require(${subpath});${STORE_OF_PRISMA}`,
      'commonjs',
    );
    expect([esm, cjs].map((printed) => JSON.parse(printed) as object)).toEqual([stored, stored]);
  });
});

describe('a host with DynamoDB alone', { timeout: 300_000 }, () => {
  it('gets no package of Prisma, and a store that knows the errors of its client', async () => {
    const host = await openHost('dynamodb', {
      '@huntaze/rate-limiter-client': `file:${tarballs.client.path}`,
      '@aws-sdk/client-dynamodb': '^3.1169.0',
      '@aws-sdk/lib-dynamodb': '^3.1169.0',
    });

    expect(host.installed).toContain('@aws-sdk');
    expect(host.installed.filter((name) => name.includes('prisma'))).toEqual([]);
    const printed = await host.run(`
      import { isStoreUnavailableError } from '@huntaze/rate-limiter-client';
      import { dynamoDbFallbackStore, tableDefinition } from '@huntaze/rate-limiter-adapters/dynamodb';
      const client = { send: async () => { throw new Error('down'); } };
      const store = dynamoDbFallbackStore({ client, tableName: 'messages' });
      const error = await store.counts().catch((thrown) => thrown);
      console.log(JSON.stringify([isStoreUnavailableError(error), tableDefinition({ tableName: 'messages' }).TableName]));
    `);
    expect(JSON.parse(printed)).toEqual([true, 'messages']);
  });
});

describe('the tarball of adapters', () => {
  it('holds the build, the migrations and what a reader needs, and says nothing of other packages’ versions', () => {
    const paths = [...tarballs.adapters.files.keys()];
    const meant =
      /^(package\.json|README\.md|LICENSE|servers-only\.cjs|dist\/[\w/-]+(\.d-[\w-]+)?\.(js|cjs|d\.ts|d\.cts)(\.map)?|migrations\/[\w-]+\/(schema\.prisma|migration\.sql))$/;
    expect(paths.filter((path) => !meant.test(path))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'migrations/postgresql/migration.sql',
        'migrations/postgresql/schema.prisma',
        'migrations/postgresql-limiter/migration.sql',
        'migrations/postgresql-limiter/schema.prisma',
      ]),
    );
    const text = tarballs.adapters.files.get('package.json') ?? '';
    expect(text).not.toMatch(/workspace:|catalog:/);
    expect(JSON.parse(text)).toMatchObject({
      license: 'MIT',
      publishConfig: { access: 'public', provenance: true },
      peerDependenciesMeta: {
        '@aws-sdk/lib-dynamodb': { optional: true },
        '@huntaze/rate-limiter-client': { optional: true },
        '@huntaze/rate-limiter-lambda': { optional: true },
      },
    });
    expect(JSON.parse(text)).not.toHaveProperty('dependencies');
    expect(packagesNeeded(tarballs.adapters)).not.toContain('@huntaze/kit');
  });
});
