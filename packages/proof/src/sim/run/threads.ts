import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Report } from './simulate.ts';
import type { Play } from './swarm.ts';

/** Players that work side by side. */
interface Threads extends AsyncDisposable {
  readonly players: readonly Play[];
}

/** Starts players, each in a thread of its own. A seed gives the same report in any of them. */
export function startThreads(count: number): Threads {
  const threads = Array.from(
    { length: count },
    () => new Worker(new URL('./seed-thread.ts', import.meta.url)),
  );
  return {
    players: threads.map((thread) => async (seed) => {
      thread.postMessage(seed);
      const [report] = (await once(thread, 'message')) as [Report];
      return report;
    }),
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map((thread) => thread.terminate()));
    },
  };
}
