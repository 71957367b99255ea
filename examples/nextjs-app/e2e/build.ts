import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { offline } from './app.fixture.ts';

/** Builds the app as for production; vitest calls it once per run. */
export async function setup(): Promise<void> {
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const env = { ...process.env, ...offline, NODE_ENV: 'production' as const };
  await promisify(execFile)('pnpm', ['run', 'build'], { cwd, env });
}
