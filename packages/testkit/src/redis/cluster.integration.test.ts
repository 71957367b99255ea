import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRedisCluster, type RedisCluster } from './cluster.ts';

let cluster: RedisCluster;
let redis: Cluster;
beforeAll(async () => {
  cluster = await startRedisCluster();
  redis = new Cluster(cluster.servers.map(({ port }) => ({ host: '127.0.0.1', port })));
});
afterAll(async () => {
  redis.disconnect();
  await cluster.stop();
});

describe('startRedisCluster', () => {
  it('serves every slot with three servers', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    await Promise.all(names.map((name) => redis.set(name, name)));
    expect(await Promise.all(names.map((name) => redis.get(name)))).toEqual(names);
    const owners = await Promise.all([0, 8_000, 16_383].map((slot) => cluster.ownerOf(slot)));
    expect(owners).toEqual([0, 1, 2]);
  });

  it('moves a slot with its keys while they are used', async () => {
    const names = ['{moved}:a', '{moved}:b', '{moved}:c'];
    await Promise.all(names.map((name) => redis.set(name, name)));
    const slot = await redis.cluster('KEYSLOT', '{moved}');
    const to = ((await cluster.ownerOf(slot)) + 1) % 3;
    const reads: unknown[] = [];

    await cluster.moveSlot(slot, to, async () => {
      reads.push(await Promise.all(names.map((name) => redis.get(name))));
    });

    expect(reads).toEqual([names, names, names]);
    expect(await cluster.ownerOf(slot)).toBe(to);
    expect(await Promise.all(names.map((name) => redis.get(name)))).toEqual(names);
  });
});
