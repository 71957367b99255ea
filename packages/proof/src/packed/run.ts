import { execFile } from 'node:child_process';

/** How a command ended, and what it printed. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly output: string;
}

/** A program that takes longer hangs: it is ended before its test is, and does not outlive it. */
const HANGS_MS = 240_000;

/**
 * Runs a program to its end, whatever its exit code.
 * @param variables of the environment, beside this process's own.
 */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const env = { ...process.env, ...variables };
  return new Promise((done) => {
    const bounds = { maxBuffer: 64 * 1024 * 1024, timeout: HANGS_MS, killSignal: 'SIGKILL' } as const;
    execFile(program, args, { cwd, env, ...bounds }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      done({
        code,
        stdout,
        output: [stdout, stderr, code === 0 ? '' : (error?.message ?? '')].join('\n').trim(),
      });
    });
  });
}

/** @throws {Error} with everything the command printed when it fails. */
export async function mustRun(...command: Parameters<typeof run>): Promise<string> {
  const [program, args] = command;
  const { code, stdout, output } = await run(...command);
  if (code !== 0)
    throw new Error(`expected ${program} ${args.join(' ')} to succeed, found exit ${code}:\n${output}`);
  return stdout;
}
