import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  createRateLimiterClient,
  memoryFallbackStore,
  type FallbackStore,
  type SendResult,
} from '@huntaze/rate-limiter-client';
import { startSqs, startTcpProxy, until, type TcpProxy } from '@huntaze/testkit';
import { sqliteFallbackStore } from '../../sqlite/fallback-store.ts';
import { table, whole } from '../report/table.ts';
import { messagesOf } from './payload.ts';

const PER_SECOND = 200;
const BEFORE_MS = 5_000;
const OUTAGE_MS = 30_000;
/** Until the breaker has let a probe through, a minute after it opened, and a little more. */
const AFTER_MS = 40_000;

/** How SQS fails, and where messages wait meanwhile. */
interface Outage {
  readonly name: string;
  readonly store: FallbackStore;
  begin(proxy: TcpProxy): void;
  end(proxy: TcpProxy, port: number): void;
}

/** A call of `send`, as its caller saw it. */
interface Call {
  readonly id: string;
  readonly atMs: number;
  readonly tookMs: number;
  readonly result: SendResult | undefined;
}

/** A stream of messages through two outages at once, each with a store and a queue of its own. All options are the defaults. */
export async function measureOutages(): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'outage-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const file = sqliteFallbackStore(join(folder, 'messages.db'));
  stack.defer(() => file.close());
  const outages: readonly Outage[] = [
    {
      name: 'connections refused, store in memory',
      store: memoryFallbackStore(),
      begin: (proxy) => proxy.retarget(1),
      end: (proxy, port) => proxy.retarget(port),
    },
    {
      name: 'no answers, store in a file',
      store: file,
      begin: (proxy) => proxy.hang(),
      end: (proxy) => proxy.heal(),
    },
  ];
  const rows = await Promise.all(outages.map(survive));
  return [
    `${PER_SECOND} messages per second, each sent with \`send\` on its own; SQS away for ${OUTAGE_MS / 1_000} s. One run.`,
    '',
    table(
      ['outage', ...outages.map(({ name }) => name)],
      (rows[0] ?? []).map(([label], line) => [label, ...rows.map((row) => row[line]?.[1] ?? '')]),
    ),
  ].join('\n');
}

async function survive({ store, begin, end }: Outage): Promise<readonly (readonly [string, string])[]> {
  await using stack = new AsyncDisposableStack();
  const server = await startSqs();
  stack.defer(() => server.stop());
  const { queueUrl } = await server.createQueue({ name: 'outage', visibilitySeconds: 30 });
  const port = Number(new URL(server.endpoint).port);
  const proxy = await startTcpProxy(port);
  stack.defer(() => proxy.stop());
  const sqs = new SQSClient({
    endpoint: `http://127.0.0.1:${proxy.port}`,
    region: server.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  stack.defer(() => sqs.destroy());
  const breaker: { state: string; atMs: number }[] = [];
  const client = createRateLimiterClient({
    queueUrl,
    sqs,
    fallbackStore: store,
    onEvent(event) {
      if (event.kind === 'breaker') breaker.push({ state: event.state, atMs: performance.now() - startedMs });
    },
  });
  stack.defer(() => client.close());

  const startedMs = performance.now();
  const sending = stream((message) => client.send(message), BEFORE_MS + OUTAGE_MS + AFTER_MS);
  await at(startedMs + BEFORE_MS);
  begin(proxy);
  await at(startedMs + BEFORE_MS + OUTAGE_MS);
  end(proxy, port);
  const calls = await sending;
  const { pending } = await store.counts();
  const replayStartedMs = performance.now();
  const { replayed } = await client.replay({ limit: 1_000_000 });
  const replayMs = performance.now() - replayStartedMs;

  const inOutage = calls.filter(({ atMs }) => atMs >= BEFORE_MS && atMs < BEFORE_MS + OUTAGE_MS);
  const took = (share: number) => percentile(inOutage, share).toFixed(1);
  const queued = new Set(
    (await server.readAll(queueUrl)).map(({ body }) => (JSON.parse(body) as { id: string }).id),
  );
  const opened = breaker.find(({ state }) => state === 'open');
  return [
    ['sent', whole(calls.length)],
    ['refused to their callers', whole(calls.filter(({ result }) => result === undefined).length)],
    ['stored', whole(calls.filter(({ result }) => result?.outcome === 'stored').length)],
    ['lost', whole(calls.filter(({ id, result }) => result && !queued.has(id)).length)],
    ['breaker open after', `${whole((opened?.atMs ?? Number.NaN) - BEFORE_MS)} ms`],
    ['send in the outage, median', `${took(0.5)} ms`],
    ['send in the outage, p99', `${took(0.99)} ms`],
    ['send in the outage, longest', `${took(1)} ms`],
    ['waiting for the replay', whole(pending)],
    ['replayed', `${whole(replayed)} in ${whole(replayMs)} ms`],
    ['replayed per second', whole((replayed / replayMs) * 1_000)],
  ];
}

/** Sends at a steady rate, whatever the answers take. */
async function stream(
  send: (message: ReturnType<typeof messagesOf>[number]) => Promise<SendResult>,
  durationMs: number,
): Promise<readonly Call[]> {
  const startedMs = performance.now();
  const calls: Promise<Call>[] = [];
  for (const [index, message] of messagesOf((durationMs / 1_000) * PER_SECOND).entries()) {
    await at(startedMs + (index * 1_000) / PER_SECOND);
    const atMs = performance.now() - startedMs;
    calls.push(
      send(message)
        .catch(() => undefined)
        .then((result) => ({ id: message.id, atMs, tookMs: performance.now() - startedMs - atMs, result })),
    );
  }
  return await Promise.all(calls);
}

async function at(instantMs: number): Promise<void> {
  if (performance.now() < instantMs)
    await until('its time', () => performance.now() >= instantMs, { everyMs: 1, timeoutMs: 600_000 });
}

function percentile(calls: readonly Call[], share: number): number {
  const sorted = calls.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
