import { redisLimiter } from '@huntaze/rate-limiter-lambda';
import { redisForTests, until } from '@huntaze/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { openScene, type Fault, type Scene, type SceneOptions, type Verdict } from './scene.ts';
import { broken, report } from './verdicts.ts';
import { startWorker, type WorkerOptions } from './worker.ts';

const { redis, prefix } = await redisForTests();
const verdicts: Verdict[] = [];
afterAll(() => console.log(report(verdicts)));

type Run = Pick<WorkerOptions, 'leaseMs' | 'functionTimeoutMs'> & Partial<WorkerOptions>;

/** Works a scene off, and judges it by what came of the fault. */
async function survive(
  name: string,
  options: SceneOptions,
  run: Run,
  fault: (scene: Scene, failedBatches: () => number) => Promise<Omit<Fault, 'name'>>,
): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const scene = await openScene(options);
  stack.defer(() => scene.stop());
  const mapping = await startWorker({
    sqs: scene.sqs.client,
    queue: scene.queue,
    upstreamUrl: scene.upstream.url,
    limiter: redisLimiter({ redis, prefix: `${prefix}${name}` }),
    ...run,
  });
  stack.defer(() => mapping.stop());
  const injected = await fault(scene, () => mapping.stats.failedBatches);
  await scene.drained();
  const verdict = await scene.judge({ name, ...injected });
  verdicts.push(verdict);
  return verdict;
}

describe.concurrent('a backlog is delivered within its limit although a function', () => {
  it('runs into its end in the middle of deliveries, which goes on elsewhere', async () => {
    const stuck = new Set<string>();
    const hang = (id: string) => {
      if (stuck.size >= 3 || stuck.has(id)) return undefined;
      stuck.add(id);
      return new Promise<never>(() => {});
    };
    const verdict = await survive(
      'function timeout mid-delivery',
      { messages: 60, visibilitySeconds: 2 },
      {
        leaseMs: 1_500,
        functionTimeoutMs: 1_000,
        blind: true,
        around: { before: () => {}, after: hang, end: () => {} },
      },
      async (scene, failedBatches) => {
        await until('three deliveries cut off', () => stuck.size === 3 && failedBatches() > 0, {
          timeoutMs: 15_000,
        });
        await scene.calls(50);
        // Each of these arrived, and its record was never made.
        return { injected: failedBatches(), duplicatesAllowed: stuck.size };
      },
    );
    expect(broken(verdict)).toEqual([]);
    expect(verdict.duplicates).toBe(3);
  });

  it('has less time than its batches need', async () => {
    let calls = 0;
    const verdict = await survive(
      'deadline too short for the batch',
      { messages: 60, visibilitySeconds: 2, latencyMs: 150 },
      {
        leaseMs: 1_500,
        functionTimeoutMs: 1_300,
        concurrency: 1,
        marginMs: 200,
        around: { before: () => calls++, after: () => {}, end: () => {} },
      },
      async (scene) => {
        await scene.calls(40);
        return { injected: calls };
      },
    );
    expect(broken(verdict)).toEqual([]);
  });
});
