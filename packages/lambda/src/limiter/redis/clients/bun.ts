import type { Connection } from './connection.ts';

/** Bun's own client: `Bun.redis`, or a `RedisClient` of `bun`. It knows no clusters. */
export interface BunRedisClient {
  send(command: string, args: string[]): Promise<unknown>;
  readonly connected: boolean;
}

/** What else it has. */
interface Extras {
  connect?(): Promise<unknown>;
  close?(): void;
}

/** The connection of such a client. */
export function bunConnection(redis: BunRedisClient & Extras): Connection {
  const run = (name: string, script: string, keys: readonly string[], args: readonly string[]) =>
    redis.send(name, [script, String(keys.length), ...keys, ...args]);
  return {
    isCluster: false,
    evalsha: (sha1, keys, args) => run('EVALSHA', sha1, keys, args),
    eval: (script, keys, args) => run('EVAL', script, keys, args),
    state: () => (redis.connected ? undefined : 'connecting'),
    reconnect: () => {
      if (!redis.connected) return;
      redis.close?.();
      redis.connect?.().catch(() => {});
    },
  };
}
