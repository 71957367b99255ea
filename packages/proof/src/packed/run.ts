import { execFile } from 'node:child_process';

/** How a command ended, and what it printed. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly output: string;
}

/** Runs a program to its end, whatever its exit code. */
export function run(program: string, args: readonly string[], cwd: string): Promise<Finished> {
  return new Promise((done) => {
    execFile(program, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
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
export async function mustRun(program: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, output } = await run(program, args, cwd);
  if (code !== 0)
    throw new Error(`expected ${program} ${args.join(' ')} to succeed, found exit ${code}:\n${output}`);
  return stdout;
}
