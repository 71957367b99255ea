import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostKinds, install, openHost, type Host, type HostKind, type Tarballs } from './host.ts';
import { mustRun } from './run.ts';
import { packagesNeeded, repository } from './tarball.ts';

const kinds = Object.keys(hostKinds) as HostKind[];

let folder: string;
let tarballs: Tarballs;
const hosts = {} as Record<HostKind, Host>;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'huntaze-packed-')));
  tarballs = await install(folder);
  for (const [index, kind] of kinds.entries()) hosts[kind] = await openHost(folder, kind, `host-${index}`);
}, 300_000);
afterAll(() => rm(folder, { recursive: true }));

describe.each(['client', 'lambda'] as const)('the tarball of %s', (name) => {
  it('holds the build, its declarations and maps, and what a reader needs', () => {
    const paths = [...tarballs[name].files.keys()];
    const meant =
      /^(package\.json|README\.md|LICENSE|envelope\.schema\.json|servers-only\.cjs|dist\/[\w/-]+(\.d-[\w-]+)?\.(js|cjs|d\.ts|d\.cts)(\.map)?)$/;
    expect(paths.filter((path) => !meant.test(path))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'dist/index.js']));
    expect(
      paths.filter((path) => /test|fixture|contract\.ts$/.test(path.replace('dist/testing/', ''))),
    ).toEqual([]);
  });

  it('names versions that a registry knows, and how to publish', () => {
    const text = tarballs[name].files.get('package.json') ?? '';
    expect(text).not.toMatch(/workspace:|catalog:/);
    expect(JSON.parse(text)).toMatchObject({
      license: 'MIT',
      type: 'module',
      sideEffects: false,
      repository: { directory: `packages/${name}` },
      publishConfig: { access: 'public', provenance: true },
      engines: { node: '^22.13.0 || ^24.0.0 || >=26.0.0' },
    });
  });

  it('asks Node for its modules by their full name', () => {
    const imported = [...tarballs[name].files]
      .filter(([path]) => /\.c?js$/.test(path))
      .flatMap(([, code]) => [...code.matchAll(/(?:\bfrom |\brequire\(|\bimport )['"]([^'"]+)['"]/g)])
      .map(([, specifier]) => specifier);
    expect(imported).toContain('node:crypto');
    expect(imported.filter((specifier) => builtinModules.includes(specifier ?? ''))).toEqual([]);
  });

  it('holds the kit, and needs it from nowhere', () => {
    expect(packagesNeeded(tarballs[name])).not.toContain('@huntaze/kit');
  });

  it('says nothing of the machine that built it', () => {
    const places = [`${repository}/`, `${homedir()}/`, `${tmpdir()}/`, 'file:///'];
    const telling = [...tarballs[name].files].filter(([, text]) =>
      places.some((place) => text.includes(place)),
    );
    expect(telling.map(([path]) => path)).toEqual([]);
  });
});

describe.each(kinds)('a host with %s', (kind) => {
  it('compiles against the declarations, with the types of payloads inferred', async () => {
    expect(await hosts[kind].compile('app.ts')).toMatchObject({ code: 0, output: '' });
  });

  it('is told where a payload has another shape', async () => {
    const wrong = [
      `import { createRateLimiterClient } from '@huntaze/rate-limiter-client';`,
      `import { onlyFansMessage } from '@huntaze/rate-limiter-client/presets';`,
      `const client = createRateLimiterClient({ queueUrl: 'https://…', payload: onlyFansMessage });`,
      `void client.send({ key: 'account-1', payload: { recipientId: 'r-1', content: 7 } });`,
    ];
    await writeFile(join(hosts[kind].folder, 'wrong.ts'), wrong.join('\n'));

    const { code, output } = await hosts[kind].compile('wrong.ts');

    expect(code).not.toBe(0);
    expect(output.match(/^wrong\.ts.*$/gm)).toEqual([
      `wrong.ts(4,69): error TS2322: Type 'number' is not assignable to type 'string'.`,
    ]);
  });
});

it.each([
  [5.6, 'CommonJS'],
  [5.9, 'a bundler'],
  [6, 'ES modules'],
] as const)('TypeScript %s compiles a host with %s', { timeout: 300_000 }, async (compiler, kind) => {
  expect(await hosts[kind].compile('app.ts', compiler)).toMatchObject({ code: 0, output: '' });
});

it.each(['ES modules', 'CommonJS'] as const)(
  'a host with %s finds the schema of the envelope',
  async (kind) => {
    const reading = `console.log(require('@huntaze/rate-limiter-client/envelope.schema.json').required.length)`;
    const args = ['--input-type=commonjs', '--eval', reading];
    const printed = await mustRun(process.execPath, args, hosts[kind].folder);
    expect(printed.trim()).toBe('6');
  },
);

it.each(['ES modules', 'CommonJS'] as const)(
  'a host with %s needs OpenTelemetry only where it is imported',
  async (kind) => {
    const loading = `import('@huntaze/rate-limiter-client/opentelemetry').catch(({ message }) => console.log(message))`;
    const printed = await mustRun(process.execPath, ['--eval', loading], hosts[kind].folder);
    expect(printed).toMatch(/^Cannot find (?:package|module) '@opentelemetry\/api'/);
  },
);

describe('several copies of the contract in one host', () => {
  it('know the errors of each other', async () => {
    const printed = await mustRun(
      process.execPath,
      ['copies.mjs', 'another-copy/contract'],
      hosts['ES modules'].folder,
    );
    const agreed = {
      sameClass: false,
      theirsForUs: true,
      oursForThem: true,
      othersApart: false,
      deadLetters: ['no such account'],
      failures: 0,
    };
    expect(JSON.parse(printed)).toEqual({ commonjs: agreed, another: agreed });
  });
});
