import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, run, type Finished } from './run.ts';
import { repository, type Tarball } from './tarball.ts';

/** The ways in which a host's compiler reads our packages. */
export const hostKinds = {
  'ES modules': { type: 'module', module: 'nodenext', moduleResolution: 'nodenext' },
  CommonJS: { type: 'commonjs', module: 'node16', moduleResolution: 'node16' },
  'a bundler': { type: 'module', module: 'esnext', moduleResolution: 'bundler' },
} as const;
export type HostKind = keyof typeof hostKinds;

/** A project that has installed the packages and is written in TypeScript. */
export interface Host {
  readonly folder: string;
  /** Compiles `main`, with all that it imports, to JavaScript: once, however often it is asked. */
  compile(main: string): Promise<Finished>;
}

/** Installs the tarballs as a host would, and the client's a second time under another name. */
export async function install(folder: string, client: Tarball, lambda: Tarball): Promise<void> {
  const dependencies = {
    '@huntaze/rate-limiter-client': `file:${client.path}`,
    '@huntaze/rate-limiter-lambda': `file:${lambda.path}`,
    'another-copy': `file:${client.path}`,
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await mustRun(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'],
    folder,
  );
}

/** Sets up a host of one kind below the folder where the packages are installed. */
export async function openHost(installed: string, kind: HostKind, name: string): Promise<Host> {
  const folder = join(installed, name);
  const { type, ...modules } = hostKinds[kind];
  await mkdir(folder);
  await cp(join(import.meta.dirname, 'consumer'), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type }));
  const compileNow = async (main: string) => {
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
      outDir: 'out',
    };
    const config = join(folder, `tsconfig.${main}.json`);
    await writeFile(config, JSON.stringify({ compilerOptions: options, files: [main] }));
    return run(join(repository, 'node_modules/.bin/tsc'), ['-p', config], folder);
  };
  const compiled = new Map<string, Promise<Finished>>();
  return {
    folder,
    compile(main) {
      const finished = compiled.get(main) ?? compileNow(main);
      compiled.set(main, finished);
      return finished;
    },
  };
}
