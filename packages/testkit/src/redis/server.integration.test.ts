import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { startRedis } from './server.ts';

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
const ask = async <Answer>(url: string, question: (redis: Redis) => Promise<Answer>): Promise<Answer> => {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    await redis.quit();
  }
};
/** Where a server works: others start and stop beside it. */
const folderOf = (url: string) =>
  ask(url, async (redis) => String(Object.values((await redis.config('GET', 'dir')) as object).at(-1)));
/** Processes whose command line names a folder: the server and its guard. */
const processesOf = async (folder: string) => {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid,args']);
  return stdout.split('\n').filter((line) => line.includes(folder));
};

describe('startRedis', () => {
  it('starts an empty server without persistence on 127.0.0.1 alone', async () => {
    const server = await startRedis();
    const found = await ask(server.url, async (redis) => ({
      keys: await redis.dbsize(),
      save: await redis.config('GET', 'save'),
      appendonly: await redis.config('GET', 'appendonly'),
      bind: await redis.config('GET', 'bind'),
    }));
    await server.stop();
    expect(found).toEqual({
      keys: 0,
      save: ['save', ''],
      appendonly: ['appendonly', 'no'],
      bind: ['bind', '127.0.0.1'],
    });
    expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
    expect(server.port).not.toBe(6379);
  });

  it('leaves no process, no guard and no folder after stop, which may be called again', async () => {
    const server = await startRedis();
    const folder = await folderOf(server.url);
    expect(await processesOf(basename(folder))).not.toEqual([]);
    expect(isAlive(server.pid)).toBe(true);
    await server.stop();
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
    await until('the guard to be gone', async () => (await processesOf(basename(folder))).length === 0);
  });

  it('stops a server that is frozen or dead already', async () => {
    const [frozen, dead] = await Promise.all([startRedis(), startRedis()]);
    process.kill(frozen.pid, 'SIGSTOP');
    process.kill(dead.pid, 'SIGKILL');
    await Promise.all([frozen.stop(), dead.stop()]);
    expect([isAlive(frozen.pid), isAlive(dead.pid)]).toEqual([false, false]);
  });

  it('starts again, empty, where a killed server was', async () => {
    const first = await startRedis();
    await ask(first.url, (redis) => redis.set('key', 'value'));
    process.kill(first.pid, 'SIGKILL');
    await first.stop();
    const second = await startRedis({ port: first.port });
    const keys = await ask(second.url, (redis) => redis.dbsize());
    await second.stop();
    expect([second.url, keys]).toEqual([first.url, 0]);
  });

  it('passes further configuration on', async () => {
    const server = await startRedis({
      configuration: { maxmemory: '4mb', 'maxmemory-policy': 'noeviction' },
    });
    const found = await ask(server.url, (redis) => redis.config('GET', 'maxmemory'));
    await server.stop();
    expect(found).toEqual(['maxmemory', '4194304']);
  });

  it('says what the server said when it does not start', async () => {
    await expect(startRedis({ configuration: { nonsense: 'yes' } })).rejects.toThrow(
      /found that it ended: [^]*nonsense/,
    );
  });

  it('does not take another server for its own', async () => {
    const other = createServer((socket) => socket.end('+PONG\r\n')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    await expect(startRedis({ port })).rejects.toThrow(`expected Redis to start on port ${port}`);
    other.close();
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'ends when the process that started it dies of %s',
    async (signal) => {
      const module = new URL('./server.ts', import.meta.url).href;
      const script = `
      const { startRedis } = await import(${JSON.stringify(module)});
      console.log((await startRedis()).port);
      setInterval(() => {}, 1000);`;
      const parent = spawn(
        process.execPath,
        ['--experimental-strip-types', '--input-type=module', '-e', script],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      const [chunk] = await once(parent.stdout, 'data');
      const port = Number(String(chunk));
      expect(await isListening(port)).toBe(true);
      parent.kill(signal);
      await until('the server to be gone', async () => !(await isListening(port)));
    },
  );

  it('does not keep the process that started it alive', async () => {
    const module = new URL('./server.ts', import.meta.url).href;
    const script = `const { startRedis } = await import(${JSON.stringify(module)}); console.log((await startRedis()).port);`;
    const parent = spawn(
      process.execPath,
      ['--experimental-strip-types', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = once(parent, 'exit');
    const port = Number(await text(parent.stdout));
    expect(await ended).toEqual([0, null]);
    await until('the server to be gone', async () => !(await isListening(port)));
  });
});
