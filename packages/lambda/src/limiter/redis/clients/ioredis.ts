import { withTls, type Connection } from './connection.ts';

/** A connection or cluster of ioredis or iovalkey; or anything with these two commands in their order of arguments. */
export interface IoredisClient {
  evalsha(sha1: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** Default false. */
  readonly isCluster?: boolean;
}

/** What else ioredis and iovalkey have. */
interface Extras {
  readonly options?: { readonly enableAutoPipelining?: boolean; readonly tls?: unknown };
  readonly status?: string;
  disconnect?(reconnect: boolean): void;
  pipeline?(commands: readonly (readonly (string | number)[])[]): {
    exec(): Promise<readonly (readonly [error: Error | null, reply: unknown])[]>;
  };
}

/** The connection of such a client. */
export function ioredisConnection(redis: IoredisClient & Extras): Connection {
  const { isCluster = false } = redis;
  const run = async (name: 'evalsha' | 'eval', script: string, keys: Texts, args: Texts) => {
    if (!isCluster || !redis.options?.enableAutoPipelining || !redis.pipeline)
      return await redis[name](script, keys.length, ...keys, ...args);
    // Up to ioredis 5.10, automatic pipelines choose the node by the first argument, which is the script (redis/ioredis#2109).
    const [[error, reply] = [null, undefined]] = await redis
      .pipeline([[name, script, keys.length, ...keys, ...args]])
      .exec();
    if (error) throw error;
    return reply;
  };
  const isReady = () => (redis.status ?? 'ready') === 'ready';
  return {
    isCluster,
    evalsha: (sha1, keys, args) => run('evalsha', sha1, keys, args),
    eval: (script, keys, args) => run('eval', script, keys, args),
    state: () => (isReady() ? undefined : withTls(redis.status, redis.options?.tls)),
    reconnect: isCluster ? undefined : () => isReady() && redis.disconnect?.(true),
  };
}

type Texts = readonly string[];
