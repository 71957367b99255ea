import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { guardAgainstOrphan } from '../orphan-guard.ts';
import { pathOf } from '../program/find.ts';
import { folderFor, postgresUser } from './programs.ts';

/** A PgBouncer of our own in transaction mode, on 127.0.0.1. */
export interface PgBouncer {
  /** Of the same database, through the pooler. */
  readonly url: string;
  stop(): Promise<void>;
}

/** How many sessions its clients share: few, so that no client keeps the one it had. */
const SESSIONS = 3;

const READY = 'process up';

/**
 * Starts PgBouncer in front of a server, and waits until it listens.
 * @returns undefined where there is no `pgbouncer` on the PATH: Debian's package would run a service of its own.
 * @throws {Error} with its own words when it does not start.
 */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer | undefined> {
  const program = pathOf('pgbouncer');
  if (program === undefined) return undefined;
  // It refuses to run as root, as PostgreSQL does.
  const user = await postgresUser();
  const folder = await mkdtemp(join(await folderFor(user), 'testkit-pgbouncer-'));
  await chmod(folder, 0o755);
  const server = new URL(databaseUrl);
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(file, settings(server, port));
  const pooler = spawn(program, [file], { ...user, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const guard = guardAgainstOrphan('pgbouncer', pooler.pid ?? 0, folder);
  const ended = once(pooler, 'exit');
  let words = '';
  const ready = Promise.withResolvers<void>();
  pooler.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
    if (words.includes(READY)) ready.resolve();
  });
  pooler
    .once('error', ready.reject)
    .once('close', () =>
      ready.reject(new Error(`expected PgBouncer to start, found that it ended: ${words}`)),
    );
  const stop = async () => {
    pooler.kill('SIGKILL');
    await ended;
    guard.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  await ready.promise.catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  pooler.unref();
  // Node makes a pipe to a child a socket, which would keep this process alive as the child would.
  (pooler.stderr as Socket).unref();
  const url = new URL(databaseUrl);
  url.port = String(port);
  return { url: url.href, stop };
}

const settings = ({ hostname, port, username, password }: URL, listenPort: number) => `
[databases]
* = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
pool_mode = transaction
default_pool_size = ${SESSIONS}
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
`;
