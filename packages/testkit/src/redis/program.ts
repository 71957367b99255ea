import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { planRedis, relevantPrograms, type Command, type Machine } from './plan.ts';

/** A slow mirror needs a minute or two; a package manager that waits for a lock or a question must not hang the tests. */
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * The name of a Redis server program on the PATH, installed with the system's package manager when there is none.
 * A package may start a service of its own on port 6379: that one is never used.
 * @throws {Error} saying which command would install it, when it cannot be installed from here.
 */
export async function redisProgram(): Promise<string> {
  const plan = planRedis(lookAtMachine());
  if (plan.kind === 'run') return plan.program;
  if (plan.kind === 'advise') throw notFound(plan.advice);
  for (const command of plan.commands) await install(command);
  const afterwards = planRedis(lookAtMachine());
  if (afterwards.kind === 'run') return afterwards.program;
  throw notFound('check that the package just installed puts its programs on the PATH');
}

function lookAtMachine(): Machine {
  const programs = new Set(relevantPrograms.filter(isOnPath));
  return { programs, root: rootAccess(programs) };
}

function rootAccess(programs: ReadonlySet<string>): Machine['root'] {
  if (process.getuid?.() === 0) return 'self';
  if (programs.has('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0)
    return 'sudo';
  return 'unavailable';
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function install([program = '', ...args]: Command): Promise<void> {
  const line = [program, ...args].join(' ');
  process.stderr.write(`No redis-server or valkey-server on the PATH: running "${line}"\n`);
  try {
    await promisify(execFile)(program, args, { timeout: INSTALL_TIMEOUT_MS });
  } catch (cause) {
    throw new Error(
      `expected "${line}" to install a Redis server, found that it failed: run it by hand, or set REDIS_URL to a running server`,
      { cause },
    );
  }
}

function notFound(advice: string): Error {
  return new Error(
    `expected redis-server or valkey-server on the PATH, found neither: ${advice}, or set REDIS_URL to a running server`,
  );
}
