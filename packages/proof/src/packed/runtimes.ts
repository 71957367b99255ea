import { mustRun } from './run.ts';

/** The engines that users run the packages with: the package on npm that brings each, and what begins its command. */
const runtimes = {
  'Node 22': { brings: 'node@22.13.0', command: ['node'] },
  'Node 24': undefined,
  'Node 26': { brings: 'node@26.10.0', command: ['node'] },
  Bun: { brings: 'bun@1.4.5', command: ['bun'] },
  Deno: { brings: 'deno@2.9.6', command: ['deno', 'run', '-A'] },
} as const;
export type Runtime = keyof typeof runtimes;
export const runtimeNames = Object.keys(runtimes) as Runtime[];

/** The words before the name of a program that let a runtime run it. npm fetches a runtime once, and keeps it. */
export async function commandOf(runtime: Runtime, cwd: string): Promise<readonly [string, ...string[]]> {
  const chosen = runtimes[runtime];
  if (!chosen) return [process.execPath];
  const [name, ...args] = chosen.command;
  const asking = ['-y', '--prefer-offline', '-p', chosen.brings, '-c', `command -v ${name}`];
  return [(await mustRun('npx', asking, cwd)).trim(), ...args];
}

/** The version that a runtime is expected to tell of itself. */
export function versionOf(runtime: Runtime): string {
  return runtimes[runtime]?.brings.split('@')[1] ?? process.versions.node;
}
