import { GlideClient, GlideClusterClient, Logger } from '@valkey/valkey-glide';
import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { Cluster as ValkeyCluster, Redis as Valkey } from 'iovalkey';
import { createClient, createCluster, RESP_TYPES } from 'redis';
import { createClient as createClient5, createCluster as createCluster5 } from 'redis-5';
import type { RedisClient } from './clients.ts';

/** A client that is connected, and how to close it. */
export interface Opened {
  readonly redis: RedisClient;
  close(): unknown;
}

/** How a client connects to the servers at these ports of 127.0.0.1: one, or those of a cluster. */
export type Open = (ports: readonly number[]) => Promise<Opened>;

Logger.init('off');

/** As `docs/redis.md` shows them. */
const ioredisOptions = {
  maxRetriesPerRequest: 1,
  connectTimeout: 3_000,
  socketTimeout: 3_000,
} as const;
const nodeRedisOptions = { socket: { connectTimeout: 3_000 } } as const;
const glideOptions = { requestTimeout: 2_000 } as const;

const host = '127.0.0.1';
const nodes = (ports: readonly number[]) => ports.map((port) => ({ host, port }));
const urls = (ports: readonly number[]) => ports.map((port) => ({ url: `redis://${host}:${port}` }));

interface Disconnecting {
  on(event: 'error', listener: () => void): unknown;
  disconnect(): void;
}

/** Without a listener of its own, ioredis prints errors. */
const ioredis =
  (make: (ports: readonly number[]) => RedisClient & Disconnecting): Open =>
  async (ports) => {
    const redis = make(ports);
    redis.on('error', () => {});
    return { redis, close: () => redis.disconnect() };
  };

interface Connecting {
  connect(): Promise<unknown>;
  destroy(): void;
}

/** Without a listener for errors, as many use it. */
const nodeRedis =
  (make: (ports: readonly number[]) => RedisClient & Connecting): Open =>
  async (ports) => {
    const redis = make(ports);
    await redis.connect();
    return { redis, close: () => redis.destroy() };
  };

/** Bun's client exists in Bun only: its methods, on a connection of ioredis. */
const bunDouble: Open = async ([port = 0]) => {
  const connection = new Redis({ host, port, ...ioredisOptions });
  connection.on('error', () => {});
  const redis = {
    connected: true,
    send: (command: string, args: string[]) => connection.call(command, args),
    connect: () => connection.connect(),
    close: () => connection.disconnect(),
  };
  return { redis, close: redis.close };
};

/** Every client that serves, single. */
export const singles: Readonly<Record<string, Open>> = {
  'ioredis 6': ioredis(([port = 0]) => new Redis({ host, port, ...ioredisOptions })),
  'ioredis 6, stringNumbers': ioredis(
    ([port = 0]) => new Redis({ host, port, ...ioredisOptions, stringNumbers: true }),
  ),
  'ioredis 5': ioredis(([port = 0]) => new Redis5({ host, port, ...ioredisOptions })),
  iovalkey: ioredis(([port = 0]) => new Valkey({ host, port, ...ioredisOptions })),
  'node-redis 6': nodeRedis((ports) => createClient({ ...urls(ports)[0], ...nodeRedisOptions })),
  'node-redis 6, buffers': nodeRedis((ports) =>
    createClient({ ...urls(ports)[0], ...nodeRedisOptions }).withTypeMapping({
      [RESP_TYPES.BLOB_STRING]: Buffer,
      [RESP_TYPES.NUMBER]: String,
    }),
  ),
  'node-redis 5': nodeRedis((ports) => createClient5({ ...urls(ports)[0], ...nodeRedisOptions })),
  'valkey-glide 2': async (ports) => {
    const redis = await GlideClient.createClient({ addresses: nodes(ports), ...glideOptions });
    return { redis, close: () => redis.close() };
  },
  'Bun (a double)': bunDouble,
};

/** The same of a cluster. Bun's client knows none. */
export const clusters: Readonly<Record<string, Open>> = {
  'ioredis 6': ioredis((ports) => new Cluster(nodes(ports), { redisOptions: ioredisOptions })),
  'ioredis 6, auto pipelining': ioredis(
    (ports) => new Cluster(nodes(ports), { redisOptions: ioredisOptions, enableAutoPipelining: true }),
  ),
  'ioredis 5, auto pipelining': ioredis(
    (ports) => new Cluster5(nodes(ports), { redisOptions: ioredisOptions, enableAutoPipelining: true }),
  ),
  'iovalkey, auto pipelining': ioredis(
    (ports) => new ValkeyCluster(nodes(ports), { redisOptions: ioredisOptions, enableAutoPipelining: true }),
  ),
  'node-redis 6': nodeRedis((ports) => createCluster({ rootNodes: urls(ports), defaults: nodeRedisOptions })),
  'node-redis 5': nodeRedis((ports) =>
    createCluster5({ rootNodes: urls(ports), defaults: nodeRedisOptions }),
  ),
  'valkey-glide 2': async (ports) => {
    const redis = await GlideClusterClient.createClient({ addresses: nodes(ports), ...glideOptions });
    return { redis, close: () => redis.close() };
  },
};
