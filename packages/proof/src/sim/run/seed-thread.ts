import { parentPort } from 'node:worker_threads';
import { simulate } from './simulate.ts';

/** The thread of a player: is told seeds, one at a time, and tells what came of each. */
parentPort?.on('message', (seed: number) => {
  void simulate(seed).then((report) => parentPort?.postMessage(report));
});
