import type { DeliveryMode } from '@huntaze/rate-limiter-lambda';
import { redisForTests, sharedService, until } from '@huntaze/testkit';
import { describe, expect, it } from 'vitest';
import { claimsIn } from './evidence.ts';
import { keep } from './kept-verdicts.ts';
import { modes, openScene, type Scene, type Strike } from './scene.ts';
import { broken, type Verdict } from './verdicts.ts';
import { startWorkerProcess, type Point, type WorkerProcess, type WorkerTask } from './worker-process.ts';

const MESSAGES = 70;
const LEASE_MS = 1_500;

/** Also the time of a function: more than the handler's inline hold, so that what is held is never started too late. */
const VISIBILITY_SECONDS = 3;

/** The processes that are killed one after the other, before the one that survives. */
const CRASHES = 2;

const { redis, prefix } = await redisForTests();
const redisUrl = await sharedService('redis');

type Fate = NonNullable<WorkerTask['fate']>;

/** What is on stage when processes meet their fates. */
interface Stage {
  readonly scene: Scene;
  readonly struck: readonly WorkerProcess[];
  readonly survivor: WorkerProcess;
  /** Messages that a process has claimed and not settled. */
  claims(): Promise<readonly string[]>;
}

/** Works a backlog off with processes that meet their fates, and with one that survives. */
async function survive(
  delivery: DeliveryMode,
  fault: string,
  fates: readonly Fate[],
  strike: (stage: Stage) => Promise<Strike>,
): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const scene = await openScene({ messages: MESSAGES, delivery, visibilitySeconds: VISIBILITY_SECONDS });
  stack.defer(() => scene.stop());
  const ownPrefix = `${prefix}${delivery}${fault}`;
  const start = async (fate?: Fate): Promise<WorkerProcess> => {
    const worker = await startWorkerProcess({
      sqsEndpoint: scene.sqs.endpoint,
      sqsRegion: scene.sqs.region,
      queue: scene.queue,
      upstreamUrl: scene.upstream.url,
      redisUrl,
      prefix: ownPrefix,
      delivery,
      leaseMs: LEASE_MS,
      functionTimeoutMs: VISIBILITY_SECONDS * 1_000,
      ...(fate && { fate }),
    });
    stack.defer(() => worker.stop());
    return worker;
  };
  const struck = await Promise.all(fates.map(start));
  const survivor = await start();
  const told = await strike({ scene, struck, survivor, claims: () => claimsIn(redis, ownPrefix) });
  const late = new Map([...struck, survivor].flatMap((worker) => worker.late()));
  const verdict = await scene.judge({ where: 'process', name: fault, ...told, late });
  keep(verdict);
  return verdict;
}

const idsOf = ({ upstream }: Scene) => upstream.ledger.calls.map(({ id }) => id);

const sentBetween = ({ upstream }: Scene, fromMs: number, toMs: number): number =>
  upstream.ledger.calls.filter(({ sentAtMs = 0 }) => fromMs <= sentAtMs && sentAtMs <= toMs).length;

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

describe.concurrent.each(modes)(
  'a backlog is delivered %s and within its limit although a process',
  (delivery) => {
    it.each<Point>(['claimed', 'before the call', 'after the call', 'recorded'])(
      'is killed: %s',
      async (at) => {
        const fates = Array.from({ length: CRASHES }, () => ({ at, message: 5, signal: 'SIGKILL' as const }));
        const verdict = await survive(
          delivery,
          `SIGKILL: ${at}`,
          fates,
          async ({ scene, struck, survivor, claims }) => {
            let killed = 0;
            const lives: (readonly [worker: WorkerProcess, fromMs: number, toMs: number])[] = [];
            const cutOff = new Set<string>();
            for (const worker of struck) {
              const fromMs = performance.now();
              worker.begin();
              await worker.struck();
              if ((await worker.died()) === 'SIGKILL') killed++;
              lives.push([worker, fromMs, performance.now()]);
              await quiet(scene);
              for (const id of await claims()) cutOff.add(id);
            }
            survivor.begin();
            await scene.drained();
            // Each of these is one delivery that was cut off between its call and its record. Whose call it was, its time of
            // sending tells: a busy machine reads it much later.
            const duplicatesAllowed = lives
              .map(([worker, fromMs, toMs]) => sentBetween(scene, fromMs, toMs) - worker.recorded().size)
              .reduce((sum, count) => sum + count, 0);
            const seen = { count: killed, what: 'processes ended by SIGKILL' };
            return { injected: killed, seen, duplicatesAllowed, cutOff };
          },
        );
        expect(broken(verdict)).toEqual([]);
        expect(verdict.injected).toBe(CRASHES);
        // Nobody repeats what was claimed: it is set aside, whether its call was made or not.
        expect(verdict.missing).toBe(0);
      },
    );

    it.each<{ at: Point; message: number }>([
      { at: 'claimed', message: 1 },
      { at: 'before the call', message: 5 },
      { at: 'after the call', message: 5 },
    ])('freezes, is taken over from, and resumes: $at', async ({ at, message }) => {
      const verdict = await survive(
        delivery,
        `SIGSTOP past the lease: ${at}`,
        [{ at, message, signal: 'SIGSTOP' }],
        async ({ scene, struck: [frozen], survivor, claims }) => {
          if (!frozen) throw new Error('expected a process to freeze, found none');
          const { calls } = scene.upstream.ledger;
          frozen.begin();
          await frozen.struck();
          await frozen.frozen();
          await quiet(scene);
          const callsBefore = calls.length;
          const inside = frozen.calling();
          const claimed = await claims();
          // Their calls were made, or will be when the process resumes, and their records will come too late.
          const unrecorded = new Set([...inside, ...claimed.filter((id) => idsOf(scene).includes(id))]);
          survivor.begin();
          const takenOver = async () => {
            const letters = new Set((await scene.deadLetters()).map(({ id }) => id));
            return claimed.every((id) => letters.has(id) || idsOf(scene).includes(id, callsBefore));
          };
          await until('a takeover of what the frozen process had claimed', takenOver);
          const callsAtResume = calls.length;
          frozen.resume();
          await until('the end of the calls that froze', () => frozen.calling().size === 0);
          await scene.drained();
          await quiet(scene);
          // The process resumes inside of its calls: nothing can call them back.
          const apart = new Set(calls.slice(callsAtResume).filter(({ id }) => inside.has(id)));
          const seen = { count: claimed.length, what: 'claims taken over' };
          return { injected: 1, seen, duplicatesAllowed: unrecorded.size, cutOff: new Set(claimed), apart };
        },
      );
      expect(broken(verdict)).toEqual([]);
      expect(verdict.missing).toBe(0);
      // Whoever wakes up with a claim that has run out does not begin to deliver.
      const { duplicates, apart } = verdict;
      expect(at === 'claimed' ? { duplicates, apart } : { duplicates: 0, apart: 0 }).toEqual({
        duplicates: 0,
        apart: 0,
      });
    });
  },
);
