import { setTimeout as pause } from 'node:timers/promises';
import type { Gate } from './contender.ts';

interface Waiting {
  readonly id: string;
  readonly call: () => void;
}

/** A gate around a limiter that answers at once: whoever is refused asks again a few milliseconds later. */
export function polled(
  /** Asks for all; resolves with the ids that may go now. */
  ask: (ids: readonly string[]) => Promise<readonly string[]>,
): Gate {
  const stopped = new AbortController();
  let waiting: Waiting[] = [];
  const run = async () => {
    while (!stopped.signal.aborted) {
      const asked = waiting.map(({ id }) => id);
      const admitted = new Set(asked.length > 0 ? await ask(asked) : []);
      for (const { id, call } of waiting) if (admitted.has(id)) call();
      waiting = waiting.filter(({ id }) => !admitted.has(id));
      await pause(2);
    }
  };
  const running = run();
  return {
    submit: (id, call) => void waiting.push({ id, call }),
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
