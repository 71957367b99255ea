import { answerInTime } from '@huntaze/kit';
import type { Clock } from '@huntaze/rate-limiter-client/contract';

const ignore = () => {};

/**
 * Runs tasks of one name one after the other: those of one process need not lose races to each other. A task that takes
 * longer than `timeoutMs` goes on, and the next one has its turn.
 */
export function inTurns(patience: { readonly clock: Clock; readonly timeoutMs: number }) {
  const last = new Map<string, Promise<void>>();
  return async <Value>(name: string, task: () => Promise<Value>): Promise<Value> => {
    const before = last.get(name);
    const started = (async () => {
      await before;
      return { result: task() };
    })();
    // Whoever asked is told how it ended; the next one only that it did.
    const turn = started.then(({ result }) => answerInTime(patience, result)).then(ignore, ignore);
    last.set(name, turn);
    void turn.then(() => {
      if (last.get(name) === turn) last.delete(name);
    });
    return await (
      await started
    ).result;
  };
}
