import type { Connection } from './connection.ts';

/** A `GlideClient` or `GlideClusterClient` of `@valkey/valkey-glide`. */
export interface ValkeyGlideClient {
  customCommand(args: string[]): Promise<unknown>;
}

/** What only its cluster has. */
interface Extras {
  invokeScriptWithRoute?(script: never): unknown;
}

/** The connection of such a client. */
export function glideConnection(redis: ValkeyGlideClient & Extras): Connection {
  const run = (name: string, script: string, keys: readonly string[], args: readonly string[]) =>
    redis.customCommand([name, script, String(keys.length), ...keys, ...args]);
  const isCluster = typeof redis.invokeScriptWithRoute === 'function';
  return {
    isCluster,
    evalsha: (sha1, keys, args) => run('EVALSHA', sha1, keys, args),
    eval: (script, keys, args) => run('EVAL', script, keys, args),
    // It cannot be told to connect anew, but does so when the server hangs up, which every user may ask for.
    reconnect: isCluster ? undefined : () => void redis.customCommand(['QUIT']).catch(() => {}),
  };
}
