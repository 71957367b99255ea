import { redisForTests, until } from '@huntaze/testkit';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { openScene, type Fault, type Scene, type Verdict } from './scene.ts';
import { broken, report } from './verdicts.ts';
import { startWorkerProcess, type Point, type WorkerProcess, type WorkerTask } from './worker-process.ts';

const MESSAGES = 70;
const LEASE_MS = 1_500;

/** Also the time of a function: more than the handler's inline hold, so that what is held is never started too late. */
const VISIBILITY_SECONDS = 3;

/** The processes that are killed one after the other, before the one that survives. */
const CRASHES = 2;

const { prefix } = await redisForTests();
const redisUrl = inject('redisUrl');
const verdicts: Verdict[] = [];
afterAll(() => console.log(report(verdicts)));

type Fate = NonNullable<WorkerTask['fate']>;

/** Works a backlog off with processes that meet their fates, and with one that survives. */
async function survive(
  fault: string,
  fates: readonly Fate[],
  strike: (
    scene: Scene,
    struck: readonly WorkerProcess[],
    survivor: WorkerProcess,
  ) => Promise<Omit<Fault, 'name'>>,
): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const scene = await openScene({ messages: MESSAGES, visibilitySeconds: VISIBILITY_SECONDS });
  stack.defer(() => scene.stop());
  const start = async (fate?: Fate): Promise<WorkerProcess> => {
    const worker = await startWorkerProcess({
      sqsEndpoint: scene.sqs.endpoint,
      sqsRegion: scene.sqs.region,
      queue: scene.queue,
      upstreamUrl: scene.upstream.url,
      redisUrl,
      prefix: `${prefix}${fault}`,
      leaseMs: LEASE_MS,
      functionTimeoutMs: VISIBILITY_SECONDS * 1_000,
      ...(fate && { fate }),
    });
    stack.defer(() => worker.stop());
    return worker;
  };
  const struck = await Promise.all(fates.map(start));
  const survivor = await start();
  const verdict = await scene.judge({ name: fault, ...(await strike(scene, struck, survivor)) });
  verdicts.push(verdict);
  return verdict;
}

const idsOf = ({ upstream }: Scene) => upstream.ledger.calls.map(({ id }) => id);

/** Resolves when what a process sent before its end has arrived. */
async function quiet({ upstream }: Scene): Promise<void> {
  let before = -1;
  const nothingNew = () => {
    const now = upstream.ledger.calls.length;
    const same = now === before;
    before = now;
    return same;
  };
  await until('no call on its way', nothingNew, { everyMs: 50 });
}

describe.concurrent('a backlog is delivered within its limit although a process', () => {
  it.each<Point>(['claimed', 'before the call', 'after the call', 'recorded'])(
    'is killed: %s',
    async (at) => {
      const fates = Array.from({ length: CRASHES }, () => ({ at, message: 5, signal: 'SIGKILL' as const }));
      const verdict = await survive(`SIGKILL: ${at}`, fates, async (scene, doomed, survivor) => {
        let duplicatesAllowed = 0;
        for (const worker of doomed) {
          const before = idsOf(scene).length;
          worker.begin();
          await worker.struck();
          await worker.stop();
          await quiet(scene);
          // Each of these is one delivery that was cut off between its call and its record.
          duplicatesAllowed += idsOf(scene).slice(before).length - worker.recorded().size;
        }
        survivor.begin();
        await scene.drained();
        return { injected: doomed.length, duplicatesAllowed };
      });
      expect(broken(verdict)).toEqual([]);
    },
  );

  it.each<{ at: Point; message: number }>([
    { at: 'claimed', message: 1 },
    { at: 'before the call', message: 5 },
    { at: 'after the call', message: 5 },
  ])('freezes, is taken over from, and resumes: $at', async ({ at, message }) => {
    const verdict = await survive(
      `SIGSTOP past the lease: ${at}`,
      [{ at, message, signal: 'SIGSTOP' }],
      async (scene, [frozen], survivor) => {
        if (!frozen) throw new Error('expected a process to freeze, found none');
        const { calls } = scene.upstream.ledger;
        frozen.begin();
        const first = await frozen.struck();
        await quiet(scene);
        const callsBefore = calls.length;
        const inside = frozen.calling();
        survivor.begin();
        const claimed = [first, ...inside].filter((id) => !frozen.recorded().has(id));
        await until(
          'a takeover of what the frozen process had claimed',
          () => claimed.every((id) => idsOf(scene).includes(id, callsBefore)),
          { timeoutMs: 15_000 },
        );
        const callsAtResume = calls.length;
        frozen.resume();
        await until('the end of the calls that froze', () => frozen.calling().size === 0);
        await scene.drained();
        await quiet(scene);
        // The process resumes inside of its calls: nothing can call them back.
        const apart = new Set(calls.slice(callsAtResume).filter(({ id }) => inside.has(id)));
        return { injected: 1, duplicatesAllowed: inside.size, apart };
      },
    );
    expect(broken(verdict)).toEqual([]);
    // Whoever wakes up with a claim that has run out does not begin to deliver.
    const { duplicates, apart } = verdict;
    expect(at === 'claimed' ? { duplicates, apart } : { duplicates: 0, apart: 0 }).toEqual({
      duplicates: 0,
      apart: 0,
    });
  });
});
