import { spawn } from 'node:child_process';
import type { Step } from './steps.ts';

/** How a step went. */
export interface Outcome {
  readonly name: string;
  readonly passed: boolean;
  readonly ms: number;
  /** All that its commands printed. */
  readonly output: string;
  /** Whether that is worth reading: when a command failed, or the step is there to print. */
  readonly shown: boolean;
}

/** Runs a step's commands one after the other, up to the first that fails. */
export async function runStep({ name, commands, prints = false }: Step): Promise<Outcome> {
  const startedMs = performance.now();
  let output = '';
  let passed = true;
  for (const command of commands) {
    if (passed) passed = (await runCommand(command, (text) => (output += text))) === 0;
  }
  return { name, passed, ms: performance.now() - startedMs, output, shown: prints || !passed };
}

/** Gives the exit code, or null when a signal ended the command. */
function runCommand(command: string, print: (text: string) => void): Promise<number | null> {
  return new Promise((done, fail) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
    child.on('error', fail).on('close', done);
  });
}
