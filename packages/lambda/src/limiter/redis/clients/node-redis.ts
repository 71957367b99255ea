import { withTls, type Connection } from './connection.ts';

/** A client, pool, sentinel or cluster of node-redis: the packages `redis` and `@redis/client`. */
export interface NodeRedisClient {
  evalSha(sha1: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** What tells its kinds apart. */
interface Extras {
  /** Of a cluster. */
  nodeClient?(node: never): unknown;
  /** Of a single connection, as those below. */
  readonly isReady?: boolean;
  readonly options?: { readonly socket?: { readonly tls?: unknown } };
  connect?(): Promise<unknown>;
  destroy?(): void;
}

/** The connection of such a client. */
export function nodeRedisConnection(redis: NodeRedisClient & Extras): Connection {
  return {
    isCluster: typeof redis.nodeClient === 'function',
    evalsha: (sha1, keys, args) => redis.evalSha(sha1, { keys: [...keys], arguments: [...args] }),
    eval: (script, keys, args) => redis.eval(script, { keys: [...keys], arguments: [...args] }),
    state: () => (redis.isReady === false ? withTls('connecting', redis.options?.socket?.tls) : undefined),
    reconnect: redis.isReady === undefined ? undefined : () => reconnect(redis),
  };
}

function reconnect(redis: Extras): void {
  // One that is connecting already finds the new server by itself.
  if (!redis.isReady) return;
  redis.destroy?.();
  // What hinders it is emitted, and told to whoever asks next.
  redis.connect?.().catch(() => {});
}
