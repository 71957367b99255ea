import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, run, type Finished } from './run.ts';
import { pack, repository, type Tarball } from './tarball.ts';

/** The ways in which a host's compiler reads our packages. */
export const hostKinds = {
  'ES modules': { type: 'module', module: 'nodenext', moduleResolution: 'nodenext' },
  CommonJS: { type: 'commonjs', module: 'node16', moduleResolution: 'node16' },
  'a bundler': { type: 'module', module: 'esnext', moduleResolution: 'bundler' },
} as const;
export type HostKind = keyof typeof hostKinds;

const inProof = join(import.meta.dirname, '../../node_modules');
/** TypeScript by its versions, from the oldest that is promised to the newest, which the repository uses. */
const compilers = {
  5.6: join(inProof, 'typescript-5.6/bin/tsc'),
  5.9: join(inProof, 'typescript-5.9/bin/tsc'),
  6: join(repository, 'node_modules/typescript/bin/tsc6'),
  7: join(repository, 'node_modules/.bin/tsc'),
} as const;
export type Compiler = keyof typeof compilers;

/** A project that has installed the packages and is written in TypeScript. */
export interface Host {
  readonly folder: string;
  /** Compiles `main`, with all that it imports, to JavaScript: by each compiler once, however often it is asked. */
  compile(main: string, compiler?: Compiler): Promise<Finished>;
}

/** The packages that a host installs. */
export const packages = ['client', 'lambda', 'adapters'] as const;
export type Tarballs = Readonly<Record<(typeof packages)[number], Tarball>>;

/** Packs the packages and installs them as a host would, and the client a second time under another name. */
export async function install(folder: string): Promise<Tarballs> {
  const packed = {} as Record<keyof Tarballs, Tarball>;
  for (const name of packages) packed[name] = await pack(name, folder);
  const own = packages.map((name) => [`@huntaze/rate-limiter-${name}`, `file:${packed[name].path}`]);
  const dependencies = {
    ...(Object.fromEntries(own) as Record<string, string>),
    'another-copy': `file:${packed.client.path}`,
    ioredis: '6.0.0',
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await mustRun(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    folder,
  );
  return packed;
}

/** Sets up a host of one kind below the folder where the packages are installed. */
export async function openHost(installed: string, kind: HostKind, name: string): Promise<Host> {
  const folder = join(installed, name);
  const { type, ...modules } = hostKinds[kind];
  await mkdir(folder);
  await cp(join(import.meta.dirname, 'consumer'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type }));
  const compileNow = async (main: string, compiler: Compiler) => {
    const options = {
      ...modules,
      target: 'es2022',
      lib: ['es2022', 'esnext.disposable'],
      strict: true,
      exactOptionalPropertyTypes: true,
      types: ['node'],
      typeRoots: [join(repository, 'node_modules/@types')],
      skipLibCheck: false,
      rootDir: '.',
      outDir: compiler === 7 ? 'out' : `out-${compiler}`,
    };
    const config = join(folder, `tsconfig.${main}.${compiler}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions: options, files: [main] }));
    return run(compilers[compiler], ['-p', config], folder);
  };
  const compiled = new Map<string, Promise<Finished>>();
  return {
    folder,
    compile(main, compiler = 7) {
      const asked = `${main} ${compiler}`;
      const finished = compiled.get(asked) ?? compileNow(main, compiler);
      compiled.set(asked, finished);
      return finished;
    },
  };
}
