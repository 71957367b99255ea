import { startRedis, type RedisServer } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { afterEach } from 'vitest';

const closings: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).toReversed()) await close();
});

/** A server of the test's own, and whoever may do everything there. */
export async function openServer() {
  const server = await startRedis({ configuration: { 'repl-diskless-sync-delay': '0' } });
  closings.push(() => server.stop());
  return { server, admin: connect(server) };
}

export function connect({ port }: RedisServer, user: { username?: string; password?: string } = {}): Redis {
  const redis = new Redis({ host: '127.0.0.1', port, enableReadyCheck: false, ...user });
  redis.on('error', () => {});
  closings.push(() => redis.disconnect());
  return redis;
}

/** The usual user of a provider that keeps commands to itself. */
export async function careful(server: RedisServer, ...rules: readonly string[]): Promise<Redis> {
  await connect(server).call('ACL', 'SETUSER', 'careful', 'on', '>secret', '~*', '&*', '+@all', ...rules);
  return connect(server, { username: 'careful', password: 'secret' });
}

/** How often a command was refused. */
export async function refusals(admin: Redis, command: string): Promise<number> {
  const [, refused] =
    new RegExp(`cmdstat_${command}:.*rejected_calls=(\\d+)`).exec(await admin.info('commandstats')) ?? [];
  return Number(refused ?? 0);
}
