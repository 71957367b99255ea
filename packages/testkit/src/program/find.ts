import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { planProgram, relevantPrograms, type Command, type Machine, type Wanted } from './plan.ts';

/** A slow mirror needs a minute or two; a package manager that waits for a lock or a question must not hang the tests. */
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * The name of a program on the PATH, installed with the system's package manager when there is none.
 * @throws {Error} saying which command would install it, when it cannot be installed from here.
 */
export async function findProgram(wanted: Wanted): Promise<string> {
  const plan = planProgram(wanted, lookAtMachine(wanted));
  if (plan.kind === 'run') return plan.program;
  if (plan.kind === 'advise') throw notFound(wanted, plan.advice);
  for (const command of plan.commands) await install(wanted, command);
  const afterwards = planProgram(wanted, lookAtMachine(wanted));
  if (afterwards.kind === 'run') return afterwards.program;
  throw notFound(wanted, 'check that the package just installed puts its programs on the PATH');
}

function lookAtMachine(wanted: Wanted): Machine {
  const programs = new Set(relevantPrograms(wanted).filter(isOnPath));
  return { programs, root: rootAccess(programs) };
}

function rootAccess(programs: ReadonlySet<string>): Machine['root'] {
  if (process.getuid?.() === 0) return 'self';
  if (programs.has('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0)
    return 'sudo';
  return 'unavailable';
}

function isOnPath(program: string): boolean {
  return pathOf(program) !== undefined;
}

/** The file of a program on the PATH; undefined when there is none. */
export function pathOf(program: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function install(
  { programs, title, otherwise }: Wanted,
  [program = '', ...args]: Command,
): Promise<void> {
  const line = [program, ...args].join(' ');
  process.stderr.write(`No ${programs.join(' or ')} on the PATH: running "${line}"\n`);
  try {
    await promisify(execFile)(program, args, { timeout: INSTALL_TIMEOUT_MS });
  } catch (cause) {
    throw new Error(
      `expected "${line}" to install ${title}, found that it failed: run it by hand, or ${otherwise}`,
      { cause },
    );
  }
}

function notFound({ programs, otherwise }: Wanted, advice: string): Error {
  return new Error(
    `expected ${programs.join(' or ')} on the PATH, found none of them: ${advice}, or ${otherwise}`,
  );
}
