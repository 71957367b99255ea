import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../free-port.ts';
import { guardAgainstOrphan } from '../orphan-guard.ts';
import { folderFor, postgresPrograms, postgresUser, type ProgramUser } from './programs.ts';

/** A PostgreSQL server of our own: empty, on 127.0.0.1. */
export interface PostgresServer {
  /** Of a superuser's connection to the database `postgres`. */
  readonly url: string;
  readonly port: number;
  /** Ends every process of the server at once, as a power cut would: what was not committed is gone. */
  crash(): Promise<void>;
  /** Starts the server again after a crash, on the same port and the same data. */
  restart(): Promise<void>;
  /** Ends the server and removes its data. May be called again. */
  stop(): Promise<void>;
}

const USER = 'test';

/** Another process can take a port between the moment it was found free and the server's start. */
const MAX_STARTS = 3;

/** How much of what the server said goes into the error when it does not start. */
const LAST_LINES = 10;

const INITDB_FLAGS = [`--username=${USER}`, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];

/** The machine may lose its power, and with it the data of a test: nobody misses them. */
const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'max_connections=200',
];

const READY = 'database system is ready to accept connections';

/**
 * Starts a PostgreSQL server from the programs that npm installed, and waits until it answers. Whoever reaches its port
 * may do everything.
 * It ends with `stop`, and with this process however that one ends.
 * @throws {Error} with the server's own words when it does not start.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const user = await postgresUser();
  const folder = await mkdtemp(join(await folderFor(user), 'testkit-postgres-'));
  try {
    const place = await prepare(folder, user);
    for (let start = 1; ; start++) {
      try {
        return await launch(place, await freePort());
      } catch (error) {
        if (start === MAX_STARTS) throw error;
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Where a server has its programs and its data, and as whom it runs. */
interface Place {
  readonly folder: string;
  readonly data: string;
  readonly programs: string;
  readonly user: ProgramUser;
}

async function prepare(folder: string, user: ProgramUser): Promise<Place> {
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  await mkdir(data, { mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(data, user.uid, user.gid);
  const programs = await postgresPrograms(user, folder);
  const options = { ...user, cwd: folder, env: environment() };
  await promisify(execFile)(join(programs, 'bin/initdb'), ['--pgdata', data, ...INITDB_FLAGS], options);
  return { folder, data, programs, user };
}

async function launch(place: Place, port: number): Promise<PostgresServer> {
  const { folder } = place;
  let server = await serve(place, port);
  let guard = guardAgainstOrphan('postgres', server.pid ?? 0, folder);
  return {
    url: `postgresql://${USER}:${USER}@127.0.0.1:${port}/postgres`,
    port,
    crash: () => end(server, 'SIGQUIT'),
    async restart() {
      server = await serve(place, port);
      guard.kill('SIGKILL');
      guard = guardAgainstOrphan('postgres', server.pid ?? 0, folder);
    },
    async stop() {
      await end(server, 'SIGINT');
      guard.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Detached, so that an interrupt typed at the terminal reaches the tests first and they end the server in order. */
async function serve({ folder, data, programs, user }: Place, port: number): Promise<ChildProcess> {
  const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
  const server = spawn(join(programs, 'bin/postgres'), ['-D', data, '-p', String(port), ...settings], {
    ...user,
    cwd: folder,
    env: environment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  const ready = Promise.withResolvers<void>();
  server.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
    if (words.includes(READY)) ready.resolve();
  });
  server.once('error', ready.reject).once('close', () => {
    const last = words.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
    ready.reject(new Error(`expected PostgreSQL to start on port ${port}, found that it ended: ${last}`));
  });
  await ready.promise;
  server.unref();
  // Node makes a pipe to a child a socket, which would keep this process alive as the child would.
  (server.stderr as Socket).unref();
  return server;
}

/** Ends a server, unless it has ended. */
async function end(server: ChildProcess, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.ref();
  server.kill(signal);
  await ended;
}

/** What the server says is recognised by its words. */
const environment = () => ({ ...process.env, LC_ALL: 'C' });
