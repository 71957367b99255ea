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

/** Prisma wants to see an engine, and would fetch the one that it does not need; Next.js would report to its makers. */
export const offline = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, NEXT_TELEMETRY_DISABLED: '1' };

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
        ...offline,
        NEXTAUTH_URL: url,
        NEXTAUTH_SECRET: 'e2e-secret',
        DEMO_PASSWORD: PASSWORD,
        // Nobody is there, unless a test says otherwise.
        AWS_ENDPOINT_URL_CLOUDWATCH: 'http://127.0.0.1:9',
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
