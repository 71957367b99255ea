import { until, type RedisServer } from '@huntaze/testkit';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { errorsOf, runIdOf, spendsIn, stopped } from './evidence.ts';
import { connect, moreOutages, play, SHORT, type Played } from './redis-play.ts';
import { broken, LIMIT } from './verdicts.ts';

/** The handler's default. */
const MAX_ATTEMPTS = 5;

/** Servers that tell of themselves, and servers that do not. */
const users = [
  ['', {}],
  [', without INFO', { refusesInfo: true }],
] as const;
/** As `docs/redis.md` shows them. */
const documented = { maxRetriesPerRequest: 1, connectTimeout: 3_000, socketTimeout: 3_000 } as const;

const AGAIN_WITHIN_MS = 15_000;

const outagesOf = ({ events }: Played) => events.filter(({ kind }) => kind === 'limiter-unavailable').length;
const attemptsOf = ({ events }: Played) =>
  Math.max(...events.map((event) => (event.kind === 'admitted' ? event.attempt : 0)));

const unanswered = (count: number) => ({ count, what: 'questions without an answer' });

describe.concurrent('a backlog is delivered within its limit although Redis', () => {
  it.each(users)('is killed and starts again empty%s', async (without, user) => {
    const played = await play({
      ...user,
      fault: `kill -9, restart empty${without}`,
      async strike(stage) {
        const { server, admin } = stage;
        const runIds = new Set([await runIdOf(admin)]);
        // At once, while the window is still full of what the server forgets.
        await server.stop();
        await stage.start(server.port);
        await until('another server to answer', async () => runIds.add(await runIdOf(admin)).size > 1);
        return { injected: 1, seen: { count: runIds.size - 1, what: 'new run id' } };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('freezes for longer than it is waited for', async () => {
    const played = await play({
      fault: 'SIGSTOP, SIGCONT',
      patience: SHORT,
      async strike(stage) {
        const { pid } = stage.server;
        process.kill(pid, 'SIGSTOP');
        try {
          await stopped(pid);
          return { injected: 1, seen: unanswered(await moreOutages(stage, 2)) };
        } finally {
          process.kill(pid, 'SIGCONT');
        }
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('is slower than it is waited for', async () => {
    const played = await play({
      fault: 'slow',
      patience: SHORT,
      async strike(stage) {
        stage.proxy.slow(2 * SHORT.timeoutMs);
        const count = await moreOutages(stage, 4);
        stage.proxy.heal();
        return { injected: 1, seen: unanswered(count) };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('is slower than it is waited for, for longer than five leases', async () => {
    const played = await play({
      fault: 'slow for more than five leases',
      patience: SHORT,
      async strike(stage) {
        const from = performance.now();
        const before = stage.outages();
        stage.proxy.slow(2 * SHORT.timeoutMs);
        // Every one of these asks has claimed what it asked about, and nobody heard the answer in time.
        await until('five leases to pass', () => performance.now() - from > 5.5 * SHORT.leaseMs);
        stage.proxy.heal();
        return { injected: 1, seen: unanswered(stage.outages() - before) };
      },
    });
    expect(broken(played)).toEqual([]);
    expect(attemptsOf(played)).toBeLessThan(MAX_ATTEMPTS);
  });

  it('cannot be reached, and nobody says so', async () => {
    const played = await play({
      fault: 'network hangs',
      patience: SHORT,
      async strike(stage) {
        stage.proxy.hang();
        const count = await moreOutages(stage, 2);
        stage.proxy.heal();
        return { injected: 1, seen: unanswered(count) };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('executes commands whose replies are lost', async () => {
    const played = await play({
      fault: 'reply lost after execution',
      async strike({ proxy, scene }) {
        const before = proxy.dropped();
        const injected = 3;
        for (let time = 0; time < injected; time++) {
          await proxy.dropReplyTo('evalsha');
          await scene.calls(scene.upstream.ledger.calls.length + 3);
        }
        return { injected, seen: { count: proxy.dropped() - before, what: 'replies dropped' } };
      },
    });
    expect(broken(played)).toEqual([]);
    expect([attemptsOf(played), outagesOf(played)]).toEqual([1, 0]);
  });

  it('forgets every script', async () => {
    const played = await play({
      fault: 'SCRIPT FLUSH',
      async strike({ admin, scene }) {
        const before = await errorsOf(admin, 'NOSCRIPT');
        const injected = 3;
        for (let time = 0; time < injected; time++) {
          const calls = scene.upstream.ledger.calls.length;
          const known = await errorsOf(admin, 'NOSCRIPT');
          await admin.script('FLUSH');
          await until(
            'a question by a script unknown',
            async () => (await errorsOf(admin, 'NOSCRIPT')) > known,
          );
          await scene.calls(calls + 3);
        }
        const count = (await errorsOf(admin, 'NOSCRIPT')) - before;
        return { injected, seen: { count, what: 'answers NOSCRIPT' } };
      },
    });
    expect(broken(played)).toEqual([]);
    expect([attemptsOf(played), outagesOf(played)]).toEqual([1, 0]);
  });

  it('is a read-only replica for a while', async () => {
    const played = await play({
      fault: 'READONLY',
      async strike(stage) {
        await stage.admin.replicaof('127.0.0.1', 1);
        await moreOutages(stage, 2);
        await stage.admin.replicaof('NO', 'ONE');
        const count = await errorsOf(stage.admin, 'READONLY');
        return { injected: 1, seen: { count, what: 'answers READONLY' } };
      },
    });
    expect(broken(played)).toEqual([]);
    expect(outagesOf(played)).toBeGreaterThanOrEqual(2);
  });

  it('has no memory left for a while', async () => {
    const played = await play({
      fault: 'OOM',
      async strike(stage) {
        await stage.admin.config('SET', 'maxmemory', '1');
        await moreOutages(stage, 2);
        await stage.admin.config('SET', 'maxmemory', '0');
        const count = await errorsOf(stage.admin, 'OOM');
        return { injected: 1, seen: { count, what: 'answers OOM' } };
      },
    });
    expect(broken(played)).toEqual([]);
    expect(outagesOf(played)).toBeGreaterThanOrEqual(2);
  });

  it('is demoted, and nothing closes the connection to it', async () => {
    const played = await play({
      fault: 'planned failover, connection stays',
      redisOptions: documented,
      async strike(stage) {
        const next = await stage.start();
        await stage.admin.replicaof('127.0.0.1', next.port);
        stage.proxy.lead(next.port);
        const { calls } = stage.scene.upstream.ledger;
        // Whatever is refused first leads to the new primary, also an outcome, of which no outage tells.
        const refusals = () => errorsOf(stage.admin, 'READONLY');
        await until('a refused write', async () => (await refusals()) > 0);
        const from = performance.now();
        await stage.scene.calls(calls.length + 1);
        expect(performance.now() - from).toBeLessThan(AGAIN_WITHIN_MS);
        const count = await refusals();
        return { injected: 1, seen: { count, what: 'answers READONLY' } };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it('vanishes, and another server takes its name', async () => {
    const played = await play({
      fault: 'node vanished, packets dropped',
      patience: { timeoutMs: 1_000, leaseMs: 5_000 },
      redisOptions: documented,
      async strike(stage) {
        const next = await stage.start();
        stage.proxy.lead(next.port);
        stage.proxy.vanish();
        const from = performance.now();
        const { calls } = stage.scene.upstream.ledger;
        const count = await moreOutages(stage, 1);
        await stage.scene.calls(calls.length + 1);
        expect(performance.now() - from).toBeLessThan(AGAIN_WITHIN_MS);
        return { injected: 1, seen: unanswered(count) };
      },
    });
    expect(broken(played)).toEqual([]);
  });

  it.each(users)('fails over to a replica that missed what was spent%s', async (without, user) => {
    let replica: RedisServer;
    let admin: Redis;
    const played = await play({
      ...user,
      fault: `failover to a lagging replica${without}`,
      async prepare(stage) {
        replica = await stage.start();
        admin = connect(replica.port);
        stage.defer(() => admin.disconnect());
        await stage.admin.config('SET', 'repl-diskless-sync-delay', '0');
        await admin.replicaof('127.0.0.1', stage.server.port);
        await until('a replica in step', async () =>
          (await admin.info('replication')).includes('master_link_status:up'),
        );
      },
      async strike({ proxy, scene, server, admin: primary }) {
        // From here on nothing reaches the replica any more, as when the primary dies before it can send.
        await admin.replicaof('127.0.0.1', 1);
        await scene.calls(scene.upstream.ledger.calls.length + LIMIT);
        const before = await spendsIn(admin);
        const spent = await until('a spend that the replica misses', async () => {
          const tokens = [...(await spendsIn(primary))];
          return tokens.some((token) => !before.has(token)) && tokens;
        });
        process.kill(server.pid, 'SIGKILL');
        const known = await spendsIn(admin);
        const missed = spent.filter((token) => !known.has(token));
        await admin.replicaof('NO', 'ONE');
        proxy.retarget(replica.port);
        return { injected: 1, seen: { count: missed.length, what: 'spends missed' } };
      },
    });
    expect(broken(played)).toEqual([]);
  });
});
