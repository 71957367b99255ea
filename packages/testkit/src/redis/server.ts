import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { guardAgainstOrphan } from '../orphan-guard.ts';
import { pathOf } from '../program/find.ts';
import { until } from '../until.ts';
import { redisProgram } from './program.ts';

/** How our own server differs from the usual one. */
export interface RedisServerOptions {
  /** Default: a free port. Give one to start again where another server was. */
  readonly port?: number;
  /** Further directives of redis.conf by name, such as `{ maxmemory: '4mb' }`. */
  readonly configuration?: Readonly<Record<string, string>>;
}

/** A Redis server of our own: empty, on 127.0.0.1, without persistence. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** The server's process, for tests that stop, continue or kill it. */
  readonly pid: number;
  /** Ends the process by its id and removes its folder. May be called again, and after the process has died. */
  stop(): Promise<void>;
}

/** Another process can take a port between the moment it was found free and the server's start. */
const MAX_STARTS = 3;

/** How much of the server's log goes into the error when it does not start. */
const LAST_LINES = 10;

/**
 * Starts a Redis server, installing one if the machine has none, and waits until it answers.
 * It ends with `stop`, and with this process however that one ends.
 * @throws {Error} when no server program is found or can be installed, or when the server does not start.
 */
export async function startRedis({
  port,
  configuration = {},
}: RedisServerOptions = {}): Promise<RedisServer> {
  const named = await redisProgram();
  // By its path: a server that is told to restart looks for its program there.
  const program = pathOf(named) ?? named;
  for (let start = 1; ; start++) {
    try {
      return await launch(program, port ?? (await freePort()), configuration);
    } catch (error) {
      if (port !== undefined || start === MAX_STARTS) throw error;
    }
  }
}

async function launch(
  program: string,
  port: number,
  configuration: Readonly<Record<string, string>>,
): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'testkit-redis-'));
  const log = join(folder, 'server.log');
  const server = spawnServer(program, { ...ownConfiguration(port, folder), ...configuration }, log);
  const ended = new Promise<void>((resolve) =>
    server.once('exit', () => resolve()).once('error', () => resolve()),
  );
  const guard = guardAgainstOrphan('redis', server.pid ?? 0, folder);
  const lastWords = ended.then(async () => {
    guard.kill('SIGKILL');
    const lines = await readFile(log, 'utf8').catch(() => 'no log');
    await rm(folder, { recursive: true, force: true });
    return lines.trimEnd().split('\n').slice(-LAST_LINES).join('\n');
  });
  const stop = async () => {
    server.ref();
    // Nothing is persisted, so nothing needs a graceful end; and SIGKILL also ends a stopped process.
    server.kill('SIGKILL');
    await lastWords;
  };
  try {
    if ((await firstState(server, port)) === 'serving') {
      return { url: `redis://127.0.0.1:${port}`, port, pid: pidOf(server), stop };
    }
  } catch (error) {
    await stop();
    throw error;
  }
  throw new Error(`expected Redis to start on port ${port}, found that it ended: ${await lastWords}`);
}

function ownConfiguration(port: number, folder: string): Record<string, string> {
  return { bind: '127.0.0.1', port: String(port), dir: folder, save: '', appendonly: 'no', daemonize: 'no' };
}

/** Detached, so that an interrupt typed at the terminal reaches the tests first and they end the server in order. */
function spawnServer(program: string, configuration: Record<string, string>, log: string): ChildProcess {
  const args = Object.entries(configuration).flatMap(([name, value]) => [`--${name}`, value]);
  const output = openSync(log, 'a');
  const server = spawn(program, args, { detached: true, stdio: ['ignore', output, output] });
  closeSync(output);
  server.unref();
  return server;
}

/** Waits until the server answers or has ended. */
function firstState(server: ChildProcess, port: number): Promise<'serving' | 'ended'> {
  return until(`Redis to answer on port ${port}`, async () => {
    if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return 'ended';
    return (await isServing(port, server.pid)) && 'serving';
  });
}

/** Whether the server with this process id is the one that answers: another one may have taken the port. */
async function isServing(port: number, pid: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port }).setEncoding('utf8').setTimeout(1_000);
  socket.once('timeout', () => socket.destroy());
  socket.write('PING\r\nINFO server\r\nQUIT\r\n');
  let reply = '';
  for await (const chunk of socket) reply += String(chunk);
  return reply.startsWith('+PONG') && reply.includes(`process_id:${pid}\r\n`);
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('expected a started process, found one without an id');
  return pid;
}
