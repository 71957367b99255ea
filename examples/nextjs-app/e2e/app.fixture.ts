import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort, until } from '@huntaze/testkit';

/** The built app in a process of its own. */
export interface App {
  readonly url: string;
  /** What it wrote, line by line. */
  readonly log: readonly string[];
  stop(): Promise<void>;
}

/** The password of every account. */
export const PASSWORD = 'e2e-password';

/** Starts the built app with these environment variables and waits until it answers. */
export async function startApp(variables: Readonly<Record<string, string>>): Promise<App> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    ['node_modules/next/dist/bin/next', 'start', '--hostname', '127.0.0.1', '--port', String(port)],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        NEXTAUTH_URL: url,
        NEXTAUTH_SECRET: 'e2e-secret',
        DEMO_PASSWORD: PASSWORD,
        ...variables,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const log: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => log.push(line));
  }
  await until('an app that answers', async () => (await fetch(`${url}/sign-in`)).ok, { timeoutMs: 20_000 });
  return {
    url,
    log,
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
