import { redisLimiter, type DeliveryMode } from '@huntaze/rate-limiter-lambda';
import { redisForTests, startTcpProxy, until, type TcpProxy } from '@huntaze/testkit';
import { describe, expect, it } from 'vitest';
import { keep } from './kept-verdicts.ts';
import { modes, openScene, type Fault, type Scene, type SceneOptions } from './scene.ts';
import { broken, type Verdict } from './verdicts.ts';
import { startWorker, type WorkerOptions } from './worker.ts';

const { redis, prefix } = await redisForTests();

interface Stage {
  readonly scene: Scene;
  /** Between the worker and the upstream. */
  readonly proxy: TcpProxy;
  /** How many batches have failed as a whole so far. */
  failedBatches(): number;
}

interface Run {
  readonly scene: SceneOptions;
  readonly worker: Pick<WorkerOptions, 'leaseMs' | 'functionTimeoutMs'> & Partial<WorkerOptions>;
  /** Does the fault while the backlog is worked on. */
  strike(stage: Stage): Promise<unknown>;
  /** What was done, when all is over. */
  tell(stage: Stage): Fault;
}

/** Works a scene off, and judges it by what came of the fault. */
async function survive(
  delivery: DeliveryMode,
  { scene: options, worker, strike, tell }: Run,
): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const scene = await openScene({ ...options, delivery });
  stack.defer(() => scene.stop());
  const upstream = new URL(scene.upstream.url);
  const proxy = await startTcpProxy(Number(upstream.port));
  stack.defer(() => proxy.stop());
  upstream.port = String(proxy.port);
  const late = new Map<string, number>();
  const mapping = await startWorker({
    sqs: scene.sqs.client,
    queue: scene.queue,
    upstreamUrl: upstream.href,
    limiter: redisLimiter({ redis, prefix: `${prefix}${delivery}${runs++}` }),
    delivery,
    onLate: (id, fromMs) => late.set(id, fromMs),
    ...worker,
  });
  stack.defer(() => mapping.stop());
  const stage = { scene, proxy, failedBatches: () => mapping.stats.failedBatches };
  await strike(stage);
  await scene.drained();
  const verdict = await scene.judge({ ...tell(stage), late });
  keep(verdict);
  return verdict;
}
let runs = 0;

describe.concurrent.each(modes)('a backlog is delivered %s and within its limit although', (delivery) => {
  const once = delivery === 'at-most-once';

  it('a function runs into its end in the middle of deliveries, which goes on elsewhere', async () => {
    const stuck = new Set<string>();
    const hang = (id: string) => {
      if (stuck.size >= 3 || stuck.has(id)) return undefined;
      stuck.add(id);
      return new Promise<never>(() => {});
    };
    const verdict = await survive(delivery, {
      scene: { messages: 60, visibilitySeconds: 2 },
      worker: { leaseMs: 1_500, functionTimeoutMs: 1_000, blind: true, around: { after: hang } },
      async strike({ scene, failedBatches }) {
        await until('three deliveries cut off', () => stuck.size === 3 && failedBatches() > 0);
        await scene.calls(50);
      },
      tell: ({ failedBatches }) => ({
        where: 'function',
        name: 'timeout mid-delivery',
        injected: stuck.size,
        seen: { count: failedBatches(), what: 'functions timed out' },
        // Each of these arrived, and its record was never made.
        duplicatesAllowed: stuck.size,
        cutOff: stuck,
      }),
    });
    expect(broken(verdict)).toEqual([]);
    expect([verdict.duplicates, verdict.uncertain]).toEqual(once ? [0, 3] : [3, 0]);
    expect(verdict.missing).toBe(0);
  });

  it('a function has less time than its batches need', async () => {
    let admitted = 0;
    let begun = 0;
    const cutOff = new Set<string>();
    const verdict = await survive(delivery, {
      scene: { messages: 40, visibilitySeconds: 2, latencyMs: 150 },
      worker: {
        leaseMs: 1_500,
        functionTimeoutMs: 1_300,
        concurrency: 1,
        // So few that there is always a place for the next delivery, but not the time.
        batchesAtOnce: 2,
        marginMs: 200,
        around: {
          before: () => begun++,
          end: (id, late) => late && cutOff.add(id),
        },
        onEvent: ({ kind }) => kind === 'admitted' && admitted++,
      },
      strike: () => until('a delivery that is not begun', () => admitted > begun, { everyMs: 5 }),
      tell: () => ({
        where: 'function',
        name: 'deadline too short for the batch',
        injected: admitted - begun,
        seen: { count: admitted - begun, what: 'deliveries not begun' },
        duplicatesAllowed: cutOff.size,
        cutOff,
      }),
    });
    expect(broken(verdict)).toEqual([]);
  });

  it('the upstream answers later than it is waited for', async () => {
    const cutOff = new Set<string>();
    let timeouts = 0;
    const deliverTimeoutMs = 400;
    const verdict = await survive(delivery, {
      scene: { messages: 60 },
      worker: {
        leaseMs: 1_500,
        functionTimeoutMs: 5_000,
        deliverTimeoutMs,
        around: {
          end(id, late) {
            if (!late) return;
            timeouts++;
            cutOff.add(id);
          },
        },
      },
      async strike({ scene, proxy }) {
        await scene.calls(15);
        proxy.slow(2 * deliverTimeoutMs);
        await until('deliveries cut off', () => timeouts >= 3, { everyMs: 5 });
        proxy.heal();
      },
      tell: () => ({
        where: 'upstream',
        name: 'answers too late',
        injected: timeouts,
        seen: { count: timeouts, what: 'deliveries cut off' },
        duplicatesAllowed: timeouts,
        cutOff,
      }),
    });
    expect(broken(verdict)).toEqual([]);
    expect(verdict.missing).toBe(0);
    expect(verdict.duplicates + verdict.uncertain).toBeGreaterThan(0);
  });
});
