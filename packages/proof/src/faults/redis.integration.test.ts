import { startRedis, until, type RedisServer } from '@huntaze/testkit';
import type { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import {
  connect,
  LEASE_MS,
  moreOutages,
  play,
  REDIS_TIMEOUT_MS,
  type Played,
  type RedisPlay,
} from './redis-play.ts';
import { LIMIT } from './scene.ts';
import { broken, report } from './verdicts.ts';

/** The handler's default. */
const MAX_ATTEMPTS = 5;

const verdicts: Played[] = [];
afterAll(() => console.log(report(verdicts)));

async function survive(redisPlay: RedisPlay): Promise<Played> {
  const played = await play(redisPlay);
  verdicts.push(played);
  return played;
}

const outagesOf = ({ events }: Played) => events.filter(({ kind }) => kind === 'limiter-unavailable').length;
const attemptsOf = ({ events }: Played) =>
  Math.max(...events.map((event) => (event.kind === 'admitted' ? event.attempt : 0)));

describe.concurrent('a backlog is delivered within its limit although Redis', () => {
  it('is killed and starts again empty', async () => {
    const played = await survive({
      fault: 'kill -9, restart empty',
      async strike(stage) {
        const { server } = stage;
        // At once, while the window is still full of what the server forgets.
        await server.stop();
        const second = await startRedis({ port: server.port });
        stage.defer(() => second.stop());
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('freezes for longer than it is waited for', async () => {
    const played = await survive({
      fault: 'SIGSTOP, SIGCONT',
      async strike(stage) {
        process.kill(stage.server.pid, 'SIGSTOP');
        try {
          await moreOutages(stage, 2);
        } finally {
          process.kill(stage.server.pid, 'SIGCONT');
        }
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('is slower than it is waited for', async () => {
    const played = await survive({
      fault: 'slow',
      async strike(stage) {
        stage.proxy.slow(2 * REDIS_TIMEOUT_MS);
        await moreOutages(stage, 4);
        stage.proxy.heal();
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('is slower than it is waited for, for longer than five leases', async () => {
    const played = await survive({
      fault: 'slow for more than five leases',
      async strike(stage) {
        const from = performance.now();
        const before = stage.outages();
        stage.proxy.slow(2 * REDIS_TIMEOUT_MS);
        // Every one of these asks has claimed what it asked about, and nobody heard the answer in time.
        await until('five leases to pass', () => performance.now() - from > 5.5 * LEASE_MS, {
          timeoutMs: 15_000,
        });
        stage.proxy.heal();
        return stage.outages() - before;
      },
    });
    expect(broken(played)).toEqual([]);
    expect(attemptsOf(played)).toBeLessThan(MAX_ATTEMPTS);
  });

  it('cannot be reached, and nobody says so', async () => {
    const played = await survive({
      fault: 'network hangs',
      async strike(stage) {
        stage.proxy.hang();
        await moreOutages(stage, 2);
        stage.proxy.heal();
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('executes commands whose replies are lost', async () => {
    const played = await survive({
      fault: 'reply lost after execution',
      async strike({ proxy, scene }) {
        const times = 3;
        for (let time = 0; time < times; time++) {
          await proxy.dropReplyTo('evalsha');
          await scene.calls(scene.upstream.ledger.calls.length + 3);
        }
        return times;
      },
    });
    expect(broken(played)).toEqual([]);
    expect([attemptsOf(played), outagesOf(played)]).toEqual([1, 0]);
  });

  it('forgets every script', async () => {
    const played = await survive({
      fault: 'SCRIPT FLUSH',
      async strike({ admin, scene }) {
        const times = 3;
        for (let time = 0; time < times; time++) {
          await admin.script('FLUSH');
          await scene.calls(scene.upstream.ledger.calls.length + 3);
        }
        return times;
      },
    });
    expect(broken(played)).toEqual([]);
    expect([attemptsOf(played), outagesOf(played)]).toEqual([1, 0]);
  });

  it('is a read-only replica for a while', async () => {
    const played = await survive({
      fault: 'READONLY',
      async strike(stage) {
        await stage.admin.replicaof('127.0.0.1', 1);
        await moreOutages(stage, 2);
        await stage.admin.replicaof('NO', 'ONE');
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
    expect(outagesOf(played)).toBeGreaterThanOrEqual(2);
  });

  it('has no memory left for a while', async () => {
    const played = await survive({
      fault: 'OOM',
      async strike(stage) {
        await stage.admin.config('SET', 'maxmemory', '1');
        await moreOutages(stage, 2);
        await stage.admin.config('SET', 'maxmemory', '0');
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
    expect(outagesOf(played)).toBeGreaterThanOrEqual(2);
  });

  it('fails over to a replica that missed what was spent', async () => {
    let replica: RedisServer;
    let admin: Redis;
    const played = await survive({
      fault: 'failover to a lagging replica',
      async prepare(stage) {
        replica = await startRedis();
        stage.defer(() => replica.stop());
        admin = connect(replica.port);
        stage.defer(() => admin.disconnect());
        await stage.admin.config('SET', 'repl-diskless-sync-delay', '0');
        await admin.replicaof('127.0.0.1', stage.server.port);
        await until('a replica in step', async () =>
          (await admin.info('replication')).includes('master_link_status:up'),
        );
      },
      async strike({ proxy, scene, server }) {
        // From here on nothing reaches the replica any more, as when the primary dies before it can send.
        await admin.replicaof('127.0.0.1', 1);
        await scene.calls(scene.upstream.ledger.calls.length + LIMIT);
        process.kill(server.pid, 'SIGKILL');
        await admin.replicaof('NO', 'ONE');
        proxy.retarget(replica.port);
        return 1;
      },
    });
    expect(broken(played)).toEqual([]);
  });
});
