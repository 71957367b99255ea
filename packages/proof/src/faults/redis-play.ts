import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@huntaze/rate-limiter-client/contract';
import { redisLimiter, slidingWindow, type HandlerEvent, type Limiter } from '@huntaze/rate-limiter-lambda';
import { startRedis, startTcpProxy, until, type RedisServer, type TcpProxy } from '@huntaze/testkit';
import { Redis } from 'ioredis';
import { keep } from './kept-verdicts.ts';
import { openScene, type Scene, type Strike } from './scene.ts';
import { WINDOW_MS, type Verdict } from './verdicts.ts';
import { startWorker } from './worker.ts';

/** How long an answer of Redis is waited for, and how long a claim lasts. */
export interface Patience {
  readonly timeoutMs: number;
  readonly leaseMs: number;
}

/** For faults that nobody would notice otherwise. */
export const SHORT = { timeoutMs: 250, leaseMs: 1_000 } as const satisfies Patience;

/** So much that a machine that is busy with other work does not use it up. */
const LONG: Patience = { timeoutMs: 10_000, leaseMs: 30_000 };

const FUNCTION_SECONDS = 30;

const MESSAGES = 60;

/** Sent when the fault is over, and urgent: those that wait know when to ask again, these ask at once and go first. */
const MESSAGES_AFTERWARDS = 20;

/** When the fault strikes: in the middle of a window, a few windows after the start. */
const STRIKE_AT_CALL = 25;

/** Of those of ioredis. */
interface ConnectionOptions {
  readonly maxRetriesPerRequest: number;
  readonly retryStrategy?: () => number;
  readonly connectTimeout?: number;
  readonly socketTimeout?: number;
}

/** What a fault can reach. */
export interface Stage {
  readonly scene: Scene;
  /** Between the limiter and its Redis. */
  readonly proxy: TcpProxy;
  readonly server: RedisServer;
  /** To the server itself, past the proxy. */
  readonly admin: Redis;
  /** How often the limiter was unavailable so far. */
  outages(): number;
  /** Starts another server of the same kind, which is stopped at the end of the play. */
  start(port?: number): Promise<RedisServer>;
  /** Stops at the end of the play what the fault has started. */
  defer(stop: () => unknown): void;
}

export interface RedisPlay {
  readonly fault: string;
  /** Default: more than a busy machine uses up. */
  readonly patience?: Patience;
  /** Of the limiter's connection. Default: those of {@link connect}. */
  readonly redisOptions?: ConnectionOptions;
  /** Tells Redis what time it is, instead of its own clock. */
  readonly serverClock?: Clock;
  /** In `deliver`, before the call of the upstream. */
  deliver?(id: string): unknown;
  /** Before the backlog is worked on. */
  prepare?(stage: Stage): Promise<void>;
  /** Whether the server refuses `INFO` to the limiter. Default: no. */
  readonly refusesInfo?: boolean;
  /** Does the fault in the middle of the work and undoes it; tells how often it struck, and how that was seen. */
  strike(stage: Stage): Promise<Strike>;
}

export interface Played extends Verdict {
  readonly events: readonly HandlerEvent[];
}

/** Works a backlog off while a fault strikes Redis, or the way to it. */
export async function play({
  fault,
  patience: { timeoutMs, leaseMs } = LONG,
  redisOptions,
  serverClock,
  deliver = () => {},
  refusesInfo = false,
  prepare,
  strike,
}: RedisPlay): Promise<Played> {
  await using stack = new AsyncDisposableStack();
  const configuration = refusesInfo ? { aclfile: await carefulUser(stack) } : {};
  const start = async (port?: number) => {
    const started = await startRedis({ configuration, ...(port !== undefined && { port }) });
    stack.defer(() => started.stop());
    return started;
  };
  const server = await start();
  const proxy = await startTcpProxy(server.port);
  stack.defer(() => proxy.stop());
  const admin = connect(server.port);
  stack.defer(() => admin.disconnect());
  const redis = connect(proxy.port, refusesInfo ? { ...PATIENT, ...CAREFUL } : redisOptions);
  stack.defer(() => redis.disconnect());
  const scene = await openScene({ messages: MESSAGES, visibilitySeconds: FUNCTION_SECONDS });
  stack.defer(() => scene.stop());

  const events: HandlerEvent[] = [];
  const late = new Map<string, number>();
  const stage: Stage = {
    scene,
    proxy,
    server,
    admin,
    start,
    outages: () => events.filter(({ kind }) => kind === 'limiter-unavailable').length,
    defer: (stop) => stack.defer(async () => void (await stop())),
  };
  const limiter = redisLimiter({ redis, timeoutMs, ...(serverClock && { serverClock }) });
  if (serverClock) await teach(limiter, leaseMs);
  await prepare?.(stage);
  const mapping = await startWorker({
    sqs: scene.sqs.client,
    queue: scene.queue,
    upstreamUrl: scene.upstream.url,
    limiter,
    delivery: scene.delivery,
    leaseMs,
    functionTimeoutMs: FUNCTION_SECONDS * 1_000,
    onLate: (id, fromMs) => late.set(id, fromMs),
    around: { before: deliver },
    onEvent: (event) => events.push(event),
  });
  stack.defer(() => mapping.stop());
  await scene.calls(STRIKE_AT_CALL);
  const struck = await strike(stage);
  await scene.sendUrgent(MESSAGES_AFTERWARDS);
  await scene.drained();
  const verdict = await scene.judge({ where: 'Redis', name: fault, late, ...struck });
  keep(verdict);
  return { ...verdict, events };
}

/**
 * Has Redis learn the scripts. One that it does not know is sent again in full, with the time at which it was asked: among
 * questions asked meanwhile that would be a clock that steps back. Redis's own clock is read when a script runs.
 */
async function teach(limiter: Limiter, leaseMs: number): Promise<void> {
  const key = 'teaching';
  const question = { key, limits: [slidingWindow({ limit: 1, windowMs: WINDOW_MS })], marginMs: 0 };
  await limiter.admit({ ...question, candidates: [{ id: key, priority: 'medium' }], leaseMs });
  await limiter.settle({ ...question, settlements: [{ id: key, token: 1, outcome: 'release', holdMs: 0 }] });
  await limiter.renew({ key, claims: [{ id: key, token: 1 }], leaseMs });
}

/** The usual user of a provider that keeps commands to itself, and the file by which a server knows it. */
const CAREFUL = { username: 'careful', password: 'secret', enableReadyCheck: false };

async function carefulUser(stack: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'careful-user-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'users.acl');
  const users = ['user default on nopass ~* &* +@all', 'user careful on >secret ~* &* +@all -@dangerous'];
  await writeFile(file, `${users.join('\n')}\n`);
  return file;
}

/** Commands fail soon when there is no server. */
const PATIENT = { maxRetriesPerRequest: 1, retryStrategy: () => 30 };

/** A connection whose commands fail soon when there is no server. */
export function connect(port: number, options: ConnectionOptions = PATIENT): Redis {
  const redis = new Redis(port, '127.0.0.1', options);
  redis.on('error', () => {});
  return redis;
}

/** Resolves when the limiter was unavailable `times` more, with how often it was by then. */
export async function moreOutages(stage: Stage, times: number): Promise<number> {
  const before = stage.outages();
  await until('the limiter to notice', () => stage.outages() >= before + times, { everyMs: 5 });
  return stage.outages() - before;
}
