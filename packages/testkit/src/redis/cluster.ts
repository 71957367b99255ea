import { Redis } from 'ioredis';
import { freePort } from '../free-port.ts';
import { until } from '../until.ts';
import { startRedis, type RedisServer, type RedisServerOptions } from './server.ts';

/** A cluster of three primaries without replicas, that serves every slot. */
export interface RedisCluster {
  readonly servers: readonly RedisServer[];
  /**
   * Moves a hash slot with its keys to another server, as `redis-cli --cluster reshard` does; `betweenKeys` runs
   * after each key, while the slot is in both places.
   * @param to index of the server.
   */
  moveSlot(slot: number, to: number, betweenKeys?: () => Promise<unknown>): Promise<void>;
  /** Index of the server that holds a slot. */
  ownerOf(slot: number): Promise<number>;
  stop(): Promise<void>;
}

const NODES = 3;
const SLOTS = 16_384;
const MIGRATE_TIMEOUT_MS = 1_000;

/**
 * Starts a cluster on free ports of 127.0.0.1.
 * @param configuration as of {@link startRedis}, for every server.
 * @throws {Error} as {@link startRedis} does.
 */
export async function startRedisCluster({
  configuration = {},
}: Pick<RedisServerOptions, 'configuration'> = {}): Promise<RedisCluster> {
  await using stack = new AsyncDisposableStack();
  const servers: RedisServer[] = [];
  const nodes: Redis[] = [];
  for (let index = 0; index < NODES; index++) {
    const busPort = await freePort();
    const server = await startRedis({
      configuration: { ...configuration, 'cluster-enabled': 'yes', 'cluster-port': String(busPort) },
    });
    stack.defer(() => server.stop());
    servers.push(server);
    const node = new Redis(server.url);
    stack.defer(() => node.disconnect());
    nodes.push(node);
    const [from, upTo] = [index, index + 1].map((part) => Math.floor((part * SLOTS) / NODES)) as [
      number,
      number,
    ];
    await node.call('CLUSTER', 'ADDSLOTSRANGE', from, upTo - 1);
    // Versions that are equal would have to be told apart first, which takes the nodes a while.
    await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    await nodes[0]!.call('CLUSTER', 'MEET', '127.0.0.1', server.port, busPort);
  }
  for (const node of nodes) {
    await until('a cluster that serves every slot', async () => {
      const state = String(await node.call('CLUSTER', 'INFO'));
      return state.includes('cluster_state:ok') && state.includes(`cluster_known_nodes:${NODES}`);
    });
  }
  const owned = stack.move();
  return {
    servers,
    moveSlot: async (slot, to, betweenKeys) => {
      const from = await ownerOf(nodes, slot);
      if (from !== to) await moveSlot({ nodes, servers, slot, from, to, betweenKeys });
    },
    ownerOf: (slot) => ownerOf(nodes, slot),
    stop: () => owned.disposeAsync(),
  };
}

async function ownerOf(nodes: readonly Redis[], slot: number): Promise<number> {
  const ids = await Promise.all(nodes.map(idOf));
  const ranges = (await nodes[0]!.call('CLUSTER', 'SLOTS')) as SlotRange[];
  const range = ranges.find(([from, upTo]) => from <= slot && slot <= upTo);
  const owner = ids.indexOf(range?.[2][2] ?? '');
  if (owner < 0)
    throw new Error(`expected an owner of slot ${slot}, found none: slots go from 0 to ${SLOTS - 1}`);
  return owner;
}

type SlotRange = [from: number, upTo: number, owner: [host: string, port: number, id: string]];

interface Move {
  readonly nodes: readonly Redis[];
  readonly servers: readonly RedisServer[];
  readonly slot: number;
  readonly from: number;
  readonly to: number;
  readonly betweenKeys: (() => Promise<unknown>) | undefined;
}

/** The steps of https://redis.io/docs/latest/commands/cluster-setslot/. */
async function moveSlot({ nodes, servers, slot, from, to, betweenKeys }: Move): Promise<void> {
  const [source, destination] = [nodes[from]!, nodes[to]!];
  const [sourceId, destinationId] = await Promise.all([source, destination].map(idOf));
  await destination.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId!);
  await source.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', destinationId!);
  for (;;) {
    const [key] = (await source.call('CLUSTER', 'GETKEYSINSLOT', slot, 1)) as string[];
    if (key === undefined) break;
    await source.call('MIGRATE', '127.0.0.1', servers[to]!.port, key, 0, MIGRATE_TIMEOUT_MS);
    await betweenKeys?.();
  }
  // The new owner first: the old one alone would send callers to a server that sends them back.
  const others = nodes.filter((node) => node !== source && node !== destination);
  for (const node of [destination, source, ...others])
    await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', destinationId!);
}

async function idOf(node: Redis): Promise<string> {
  return String(await node.call('CLUSTER', 'MYID'));
}
